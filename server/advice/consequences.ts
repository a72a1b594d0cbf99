import { createHash } from 'node:crypto';
import type { Consequence } from '@/contract/operation';
import { formatBytes } from '@/contract/size';
import type { PlacementPlan, ReplicaCountPlan } from '@/contract/volume';
import type { SnapshotModel } from '../model/model';
import { nameOf, plural } from '../views/facts';
import { placeOf } from '../views/health';
import type { JoinedVolume } from '../views/join';

// What each change would bring, for whoever is asked to confirm it. Losses name no figure that moves by itself, so that their
// hash changes only when something else would be lost.

const note = (sentence: string): Consequence => ({ kind: 'note', sentence });
const warning = (sentence: string): Consequence => ({ kind: 'warning', sentence });
const loss = (sentence: string): Consequence => ({ kind: 'loss', sentence });
const placesOf = (list: ReadonlyArray<{ pool: string | null; node: string | null }>): string =>
  list.map((c) => `${c.pool ?? 'an unknown pool'} on ${c.node ?? 'an unknown node'}`).join(', ');

export function ofCreation(plan: PlacementPlan, publish: boolean): Consequence[] {
  return [
    note(`${plural(plan.chosen.length, 'copy', 'copies')} would be made: ${placesOf(plan.chosen) || 'none'}.`),
    ...(plan.shortfall ? [warning(plan.shortfall)] : []),
    ...(publish ? [note('It would be published, and any host could connect to it.')] : []),
  ];
}

export function ofDestruction(v: JoinedVolume): Consequence[] {
  const copies = v.copies.map((c) => placeOf(c)).join(', ');
  return [
    loss(
      `${v.copies.length === 1 ? 'The only copy' : `All ${v.copies.length} copies`} of its ${formatBytes(v.model.sizeBytes)} would be destroyed (${copies || 'none is known'}). This cannot be undone.`,
    ),
    ...(v.model.target ? [loss(`Every host that uses it through ${v.model.target.node} would get I/O errors.`)] : []),
    ...(v.model.numSnapshots > 0
      ? [note(`Its ${plural(v.model.numSnapshots, 'snapshot')} would stay, with the space they hold.`)]
      : []),
  ];
}

export function ofPublishing(node: string | undefined): Consequence[] {
  return [
    note(`A target would be made on ${node ?? 'a node of the control plane’s choice'}, and hosts could connect to it.`),
  ];
}

export function ofUnpublishing(v: JoinedVolume, force: boolean): Consequence[] {
  return [
    loss(`Every host that uses it through ${v.model.target?.node ?? 'its node'} would get I/O errors.`),
    note('Its data and copies would stay.'),
    ...(force
      ? [warning('If the node of its target still runs unseen, that target may go on to write to the copies.')]
      : []),
  ];
}

export function ofReplicaCount(plan: Omit<ReplicaCountPlan, 'consequence'>): Consequence[] {
  return [
    ...plan.removes.map((r) =>
      loss(`The copy on ${r.pool ?? 'an unknown pool'} of ${r.node ?? 'an unknown node'} would go.`),
    ),
    ...(plan.adds.length > 0 ? [note(`Copies would be made: ${placesOf(plan.adds)}.`)] : []),
    ...(plan.to < plan.from ? [loss(plan.protection)] : [note(plan.protection)]),
    ...plan.warnings.map(warning),
  ];
}

export function ofResizing(v: JoinedVolume, sizeBytes: bigint): Consequence[] {
  return [
    note(
      `${plural(v.model.replicas, 'copy', 'copies')} would grow from ${formatBytes(v.model.sizeBytes)} to ${formatBytes(sizeBytes)}. A volume never gets smaller again.`,
    ),
  ];
}

export function ofSnapshot(v: JoinedVolume): Consequence[] {
  return [note(`Writes to ${nameOf(v.model)} would wait for a moment while every copy is frozen.`)];
}

export function ofSnapshotDestruction(m: SnapshotModel, source: string): Consequence[] {
  return [loss(`Snapshot ${m.id} of ${source} would be gone. This cannot be undone.`)];
}

/** Names what would be lost: a change that was confirmed for other losses is refused. */
export function consequenceHash(consequences: readonly Consequence[]): string {
  const losses = consequences.filter((c) => c.kind === 'loss').map((c) => c.sentence);
  return `v1-${createHash('sha256').update(JSON.stringify(losses)).digest('base64url').slice(0, 16)}`;
}
