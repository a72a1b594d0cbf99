import type { SnapshotId, VolumeId } from '@/contract/scalars';
import type { CreateVolume } from '@/contract/volume';

/**
 * What can be asked for; `name` is what people call the volume. `isDerived`: its id comes from the Idempotency-Key, so that one
 * that exists already was made by an earlier try of the same request.
 */
export type Change =
  | { kind: 'create-volume'; volume: VolumeId; name: string; wanted: CreateVolume; isDerived: boolean }
  | { kind: 'destroy-volume'; volume: VolumeId; name: string }
  | { kind: 'publish-volume'; volume: VolumeId; name: string; node: string | undefined }
  | { kind: 'unpublish-volume'; volume: VolumeId; name: string; force: boolean }
  | { kind: 'set-replica-count'; volume: VolumeId; name: string; from: number; to: number; force: boolean }
  | { kind: 'resize-volume'; volume: VolumeId; name: string; sizeBytes: bigint }
  | { kind: 'create-snapshot'; volume: VolumeId; name: string; snapshot: SnapshotId; isDerived: boolean }
  | { kind: 'destroy-snapshot'; volume: VolumeId | null; name: string; snapshot: SnapshotId };
