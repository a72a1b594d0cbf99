'use client';
import { type ComponentType, useState } from 'react';
import type { Permission } from '@/contract/permission';
import type { Volume } from '@/contract/volume';
import { usePermissions } from '../../session/usePermissions';
import { Button } from '../../ui/Button';
import {
  type ActionDialogProps,
  DeleteDialog,
  PublishDialog,
  ResizeDialog,
  SnapshotDialog,
  UnpublishDialog,
} from './dialogs';

type Action = 'publish' | 'unpublish' | 'resize' | 'createSnapshot' | 'destroy';

const DIALOGS: Record<Action, ComponentType<ActionDialogProps>> = {
  publish: PublishDialog,
  unpublish: UnpublishDialog,
  resize: ResizeDialog,
  createSnapshot: SnapshotDialog,
  destroy: DeleteDialog,
};

const PERMISSION: Record<Action, Permission> = {
  publish: 'volumes:publish',
  unpublish: 'volumes:unpublish',
  resize: 'volumes:resize',
  createSnapshot: 'snapshots:create',
  destroy: 'volumes:delete',
};

/** What can be done to a volume. What cannot be done now stays visible and says why. */
export function VolumeActions({ cluster, volume }: { cluster: string; volume: Volume }) {
  const [open, setOpen] = useState<Action>();
  const Open = open && DIALOGS[open];
  const { actions } = volume;
  const refused = usePermissions(cluster)?.refused;
  const button = (action: Action, label: string, kind: 'plain' | 'danger' = 'plain') => {
    const can = actions[action];
    return (
      <Button
        kind={kind}
        refusal={refused?.[PERMISSION[action]] ?? (can.allowed ? undefined : can.reason)}
        onClick={() => setOpen(action)}
      >
        {label}
      </Button>
    );
  };
  return (
    <>
      {volume.row.published ? button('unpublish', 'Unpublish') : button('publish', 'Publish')}
      {button('resize', 'Resize')}
      {button('createSnapshot', 'Take snapshot')}
      {button('destroy', 'Delete', 'danger')}
      {Open && <Open cluster={cluster} volume={volume} onClose={() => setOpen(undefined)} />}
    </>
  );
}
