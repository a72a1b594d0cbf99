import { ReplicaId } from '@/contract/scalars';

/** The replica behind a child URI: `?uuid=` first, else the end of the path or NQN (behaviour facts, 1.3). */
export function replicaOfUri(uri: string): ReplicaId | undefined {
  const uuid = /[?&]uuid=([0-9a-fA-F-]{36})/.exec(uri)?.[1] ?? /[:/]([0-9a-fA-F-]{36})(?:$|\?)/.exec(uri)?.[1];
  const got = ReplicaId.safeParse(uuid?.toLowerCase());
  return got.success ? got.data : undefined;
}
