import type { Change } from './change';

/** The same with kubectl-mayastor, or a note that it has no such command (behaviour facts, 8). */
export function commandOf(change: Change): string {
  switch (change.kind) {
    case 'set-replica-count':
      return scaleCommands(change.volume, change.from, change.to).join('\n');
    case 'create-volume':
      return '# kubectl mayastor cannot create volumes; in Kubernetes a PersistentVolumeClaim does.';
    case 'destroy-volume':
      return '# kubectl mayastor cannot delete volumes; in Kubernetes deleting the PersistentVolumeClaim does.';
    case 'publish-volume':
    case 'unpublish-volume':
      return '# kubectl mayastor cannot publish or unpublish; in Kubernetes the CSI driver does when a pod starts or ends.';
    case 'resize-volume':
      return '# kubectl mayastor cannot resize; in Kubernetes a larger request in the PersistentVolumeClaim does.';
    case 'create-snapshot':
    case 'destroy-snapshot':
      return '# kubectl mayastor cannot change snapshots; in Kubernetes a VolumeSnapshot does.';
  }
}

/** It, too, moves by one. */
function scaleCommands(volume: string, from: number, to: number): string[] {
  const lines: string[] = [];
  const step = to > from ? 1 : -1;
  for (let n = from + step; step > 0 ? n <= to : n >= to; n += step)
    lines.push(`kubectl mayastor scale volume ${volume} ${n}`);
  return lines;
}
