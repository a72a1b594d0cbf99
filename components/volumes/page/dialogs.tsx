'use client';
import { type ReactNode, useState } from 'react';
import { parseSize } from '@/contract/size';
import type { Volume } from '@/contract/volume';
import { ChangeDialog } from '../../operations/ChangeDialog';
import { newKey } from '../../operations/useChange';
import { useTypedName } from '../../operations/useTypedName';
import { CheckField, SelectField, TextField } from '../../ui/Field';
import { bytesText } from '../../ui/format';
import { Bytes } from '../../ui/values';
import { useChoices } from '../../wizards/useChoices';

export interface ActionDialogProps {
  cluster: string;
  volume: Volume;
  onClose: () => void;
}

/** Makes a target for the volume, on a node of choice or the one the control plane picks. */
export function PublishDialog({ cluster, volume, onClose }: ActionDialogProps) {
  const [node, setNode] = useState('');
  const choices = useChoices(cluster);
  return (
    <ChangeDialog
      cluster={cluster}
      title={`Publish ${volume.row.name}`}
      verb="Publish"
      onClose={onClose}
      change={{
        method: 'POST',
        path: `volumes/${volume.row.id}/publish`,
        body: node ? { node } : {},
        ifMatch: volume.etag,
      }}
    >
      <p>Makes a target (nexus) over the healthy copies, which hosts connect to over NVMe-oF.</p>
      <SelectField
        label="Node of the target"
        hint="A node with a copy saves one way over the network for reads."
        value={node}
        onChange={(e) => setNode(e.target.value)}
      >
        <option value="">Let the control plane choose</option>
        {choices.data?.nodes.map((n) => (
          <option key={n.id} value={n.id} disabled={!n.schedulable}>
            {n.id}
            {n.reason ? ` (${n.reason})` : ''}
          </option>
        ))}
      </SelectField>
    </ChangeDialog>
  );
}

/** A change that takes something away: the name is typed, and sent with it. */
function NamedChange({
  cluster,
  volume,
  onClose,
  verb,
  button = verb,
  method,
  path,
  body,
  children,
}: ActionDialogProps & {
  verb: string;
  /** Label of the button that does it. */
  button?: string;
  method: 'POST' | 'DELETE';
  /** Below the volume's own. */
  path: string;
  body?: Record<string, unknown>;
  children?: ReactNode;
}) {
  const name = useTypedName(volume.row.name);
  return (
    <ChangeDialog
      cluster={cluster}
      title={`${verb} ${volume.row.name}`}
      verb={button}
      danger
      refusal={name.refusal}
      onClose={onClose}
      change={{
        method,
        path: `volumes/${volume.row.id}${path}`,
        body: { ...body, confirm: name.typed },
        ifMatch: volume.etag,
      }}
    >
      {children}
      {name.field}
    </ChangeDialog>
  );
}

/** Takes the target away; whoever uses the volume loses it. */
export function UnpublishDialog(props: ActionDialogProps) {
  const [force, setForce] = useState(false);
  return (
    <NamedChange {...props} verb="Unpublish" method="POST" path="/unpublish" body={{ force }}>
      <CheckField
        label="Force"
        hint="Also when the target’s node does not answer. If that node still runs, its target may go on to write to the copies."
        checked={force}
        onChange={(e) => setForce(e.target.checked)}
      />
    </NamedChange>
  );
}

/** Deletes a volume and all its copies. */
export function DeleteDialog(props: ActionDialogProps) {
  return <NamedChange {...props} verb="Delete" button="Delete volume" method="DELETE" path="" />;
}

/** Makes a volume bigger; it never gets smaller. */
export function ResizeDialog({ cluster, volume, onClose }: ActionDialogProps) {
  const [text, setText] = useState(bytesText(volume.row.sizeBytes).replace(' ', ''));
  const size = parseSize(text);
  const error = !size.ok
    ? size.message
    : size.bytes <= BigInt(volume.row.sizeBytes)
      ? `It has ${bytesText(volume.row.sizeBytes)}: give more, a volume never gets smaller.`
      : undefined;
  return (
    <ChangeDialog
      cluster={cluster}
      title={`Resize ${volume.row.name}`}
      verb="Resize"
      refusal={error === undefined ? undefined : 'Give a larger size.'}
      onClose={onClose}
      change={{
        method: 'PUT',
        path: `volumes/${volume.row.id}/size`,
        body: { sizeBytes: size.ok ? String(size.bytes) : '0' },
        ifMatch: volume.etag,
      }}
    >
      <p>
        All {volume.row.replicas.present} copies grow, then the target. The file system on it has to be grown by its
        host. Now: <Bytes value={volume.row.sizeBytes} />.
      </p>
      <TextField
        label="New size"
        hint="10, 10G or 10GiB: a bare number is GiB."
        value={text}
        onChange={(e) => setText(e.target.value)}
        error={error}
      />
    </ChangeDialog>
  );
}

/** Takes a snapshot of all healthy copies at one moment. */
export function SnapshotDialog({ cluster, volume, onClose }: ActionDialogProps) {
  const [key] = useState(newKey);
  return (
    <ChangeDialog
      cluster={cluster}
      title={`Snapshot of ${volume.row.name}`}
      verb="Take snapshot"
      onClose={onClose}
      change={{ method: 'POST', path: `volumes/${volume.row.id}/snapshots`, body: {}, idempotencyKey: key }}
    >
      <p>
        I/O waits for a moment while every healthy copy is frozen as it is; later writes go beside it. What the
        applications still hold in their memory is not in it.
      </p>
      <p className="text-ink-2">
        {volume.row.snapshots === 0 ? 'It has none yet.' : `It has ${volume.row.snapshots} already.`}
      </p>
    </ChangeDialog>
  );
}
