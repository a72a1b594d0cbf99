import type { EngineReading, IoTotalsModel, NexusModel, RebuildStatsModel } from '@/server/model/model';
import type { IoEngineClient } from '@/server/upstream/io-engine';
import { ok, type Result } from '@/server/upstream/result';
import type { Clock } from './clock';
import { Lane } from './lane';
import { shared, sharedMap } from './share';

/** What the collector asks of an io-engine. */
export type EngineReads = Pick<
  IoEngineClient,
  'info' | 'usage' | 'listNexuses' | 'rebuildStats' | 'rebuildHistory' | 'nexusIo' | 'replicaIo' | 'poolIo' | 'close'
>;

/** How often what changes slowly is read: history without a job in sight, and the process' own counters. */
const SLOW_MS = 10_000;
const REBUILD_CALLS = 4;

/**
 * One pass over an io-engine. Answers the whole reading or the first error; parts that an older io-engine does not offer
 * stay empty. What did not change since `before` keeps its identity.
 */
export async function readEngine(
  client: EngineReads,
  node: string,
  clock: Clock,
  before: EngineReading | undefined,
): Promise<Result<EngineReading>> {
  // Alone and first: of a node that hangs one call waits for its deadline, and the others are not made at all.
  const info = await client.info();
  if (!info.ok) return info;
  let at = clock.now();
  const nexusIoRead = client.nexusIo().then((reply) => {
    at = clock.now(); // the counters' moment: rates divide by the time between two of them
    return reply;
  });
  const [nexuses, nexusIo, replicaIo, poolIo] = await Promise.all([
    client.listNexuses(),
    nexusIoRead,
    client.replicaIo(),
    client.poolIo(),
  ]);
  if (!nexuses.ok) return nexuses;
  const io = { nexus: offered(nexusIo), replica: offered(replicaIo), pool: offered(poolIo) };
  for (const part of [io.nexus, io.replica, io.pool]) if (!part.ok) return part;

  const targets = sharedList(before?.nexuses, nexuses.value, (nexus) => nexus.id);
  const rebuilds = await readRebuilds(client, targets);
  // A quick job begins and ends between two passes: then only the targets' children show that something happened.
  const busy = rebuilds.length > 0 || (before?.rebuilds.length ?? 0) > 0 || targets !== before?.nexuses;
  const slow = !before || Math.floor(before.at / SLOW_MS) !== Math.floor(at / SLOW_MS);
  const history = busy || slow ? offered(await client.rebuildHistory(), []) : ok(before.history);
  if (!history.ok) return history;
  const usage = slow ? await client.usage() : undefined;
  return ok({
    node,
    at,
    info: shared(before?.info, info.value),
    nexuses: targets,
    rebuilds: shared(before?.rebuilds, rebuilds),
    history: shared(before?.history, history.value),
    nexusIo: sharedMap(before?.nexusIo, io.nexus.ok ? io.nexus.value : new Map()),
    replicaIo: sharedMap(before?.replicaIo, io.replica.ok ? io.replica.value : new Map()),
    poolIo: sharedMap(before?.poolIo, io.pool.ok ? io.pool.value : new Map()),
    usage: usage?.ok ? usage.value : before?.usage,
  });
}

async function readRebuilds(client: EngineReads, nexuses: readonly NexusModel[]): Promise<RebuildStatsModel[]> {
  const lane = new Lane(REBUILD_CALLS);
  const jobs = nexuses
    .filter((nexus) => nexus.rebuilds > 0)
    .flatMap((nexus) =>
      nexus.children
        .filter((child) => child.rebuildProgress !== undefined)
        .map((child) => lane.run(() => client.rebuildStats(nexus, child.uri))),
    );
  const replies = await Promise.all(jobs);
  // A job that ended between the two calls has no statistics any more; its record comes with the history.
  return replies.flatMap((reply) => (reply.ok && reply.value ? [reply.value] : []));
}

const EMPTY: Map<string, IoTotalsModel> = new Map();

/** An rpc that this io-engine does not have leaves its part empty instead of failing the pass. */
function offered(reply: Result<Map<string, IoTotalsModel>>): Result<Map<string, IoTotalsModel>>;
function offered<T>(reply: Result<T>, empty: T): Result<T>;
function offered(reply: Result<unknown>, empty: unknown = EMPTY): Result<unknown> {
  return !reply.ok && reply.error.kind === 'Unimplemented' ? ok(empty) : reply;
}

function sharedList<T>(before: T[] | undefined, next: T[], idOf: (item: T) => string): T[] {
  if (!before) return next;
  const known = new Map(before.map((item) => [idOf(item), item]));
  const out = next.map((item) => shared(known.get(idOf(item)), item));
  return out.length === before.length && out.every((item, i) => item === before[i]) ? before : out;
}

/** Whether two readings differ in anything that a page shows; their ages and the process' own counters do not count. */
export function differs(a: EngineReading | undefined, b: EngineReading): boolean {
  return (
    !a ||
    a.info !== b.info ||
    a.nexuses !== b.nexuses ||
    a.rebuilds !== b.rebuilds ||
    a.history !== b.history ||
    a.nexusIo !== b.nexusIo ||
    a.replicaIo !== b.replicaIo ||
    a.poolIo !== b.poolIo
  );
}
