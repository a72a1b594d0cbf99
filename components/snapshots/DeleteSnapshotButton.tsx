'use client';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Snapshot } from '@/contract/snapshot';
import { ChangeDialog } from '../operations/ChangeDialog';
import { useTypedName } from '../operations/useTypedName';
import { useRefusal } from '../session/usePermissions';
import { Button } from '../ui/Button';

/** Deletes one snapshot, after a question. */
export function DeleteSnapshotButton({ cluster, snapshot: s }: { cluster: string; snapshot: Snapshot }) {
  const [open, setOpen] = useState(false);
  const refusal = useRefusal(cluster, 'snapshots:delete');
  return (
    <>
      <Button
        kind="quiet"
        aria-label={`Delete snapshot ${s.id.slice(0, 8)}`}
        refusal={refusal}
        onClick={() => setOpen(true)}
      >
        <Trash2 aria-hidden size={15} />
      </Button>
      {open && <DeleteDialog cluster={cluster} snapshot={s} onClose={() => setOpen(false)} />}
    </>
  );
}

function DeleteDialog({ cluster, snapshot: s, onClose }: { cluster: string; snapshot: Snapshot; onClose: () => void }) {
  const name = useTypedName(s.sourceVolume.name);
  return (
    <ChangeDialog
      cluster={cluster}
      title="Delete snapshot"
      verb="Delete snapshot"
      danger
      refusal={name.refusal}
      onClose={onClose}
      change={{ method: 'DELETE', path: `snapshots/${s.id}`, body: { confirm: name.typed }, ifMatch: s.etag }}
    >
      {name.field}
    </ChangeDialog>
  );
}
