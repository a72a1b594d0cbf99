import { credentials } from '@grpc/grpc-js';
import { type Volume, VolumeGrpcClient } from '../../gen/v1/volume/volume';
import { count, pause } from '../context';
import { cpuSeconds, program, residentMb } from '../programs';
import { median } from '../stats';
import type { Figure } from '../table';

const SECONDS = 20;
const PAGE = 1000n;

/** One page of GetVolumes; rejects when agent-core refuses it. */
function page(client: VolumeGrpcClient, startingToken: bigint) {
  return new Promise<{ entries: Volume[]; nextToken?: bigint | undefined }>((resolve, reject) =>
    client.getVolumes({ pagination: { maxEntries: PAGE, startingToken }, ignoreNotfound: true }, (error, answer) => {
      const reply = answer?.reply;
      if (error) reject(error);
      else if (reply?.$case === 'volumes') resolve(reply.value);
      else reject(new Error('agent-core refused to list its volumes'));
    }),
  );
}

/** What churn changes of a volume. */
interface Look {
  isPublished: boolean;
  lastNexus: string | undefined;
}

async function listAll(client: VolumeGrpcClient): Promise<Map<string, Look>> {
  const seen = new Map<string, Look>();
  for (let token: bigint | undefined = 0n; token !== undefined; ) {
    const { entries, nextToken } = await page(client, token);
    for (const { definition } of entries) {
      const spec = definition?.spec;
      seen.set(spec?.uuid ?? '', { isPublished: spec?.target !== undefined, lastNexus: spec?.lastNexusId });
    }
    token = nextToken;
  }
  return seen;
}

/** Volumes that were published or taken back between two lists; none goes through both twice in that time. */
function changesBetween(before: ReadonlyMap<string, Look>, after: ReadonlyMap<string, Look>): number {
  let changes = 0;
  for (const [uuid, now] of after) {
    const was = before.get(uuid);
    const wasPublished = now.lastNexus !== was?.lastNexus;
    if (wasPublished) changes += 1;
    if (!now.isPublished && (wasPublished || was?.isPublished)) changes += 1;
  }
  return changes;
}

/** The embedded cluster itself at this size: its start, its memory, a full list, and what it takes while nothing happens. */
export async function embeddedScale(nodes: number, volumes: number): Promise<Figure[]> {
  const startedAt = performance.now();
  const flags = ['--nodes', String(nodes), '--volumes', String(volumes), '--churn', '--with-parent'];
  // As `npm run embedded` starts it.
  const heap = volumes > 20_000 ? ['--max-old-space-size=5200'] : [];
  const run = await program([...heap, 'dist/embedded.mjs', ...flags]);
  const startSeconds = (performance.now() - startedAt) / 1000;
  const startCpu = cpuSeconds(run.pid);
  const client = new VolumeGrpcClient(String(run.ready.agentCore), credentials.createInsecure(), {
    'grpc.max_receive_message_length': 64 << 20,
  });
  try {
    // The first pages of a connection compile code on both sides, as they do for a console that has just started.
    const lists: number[] = [];
    let before = new Map<string, Look>();
    for (let i = 0; i < 5; i += 1) {
      const from = performance.now();
      before = await listAll(client);
      lists.push((performance.now() - from) / 1000);
    }
    const cpu = cpuSeconds(run.pid);
    const idleFrom = performance.now();
    await pause(SECONDS * 1000);
    const share = ((cpuSeconds(run.pid) - cpu) / ((performance.now() - idleFrom) / 1000)) * 100;
    const after = await listAll(client);
    const changes = changesBetween(before, after);
    const memory = residentMb(run.pid);
    const at = `${count(after.size)} volumes, ${nodes} nodes`;
    const isLarge = volumes > 10_000;
    return [
      {
        figure: 'embedded cluster, start',
        at,
        measured: startSeconds,
        unit: 's',
        detail: `${startCpu.toFixed(0)} s of processor time`,
        limit: isLarge ? 600 : 60,
      },
      {
        figure: 'embedded cluster, memory',
        at,
        measured: memory?.peak ?? Number.NaN,
        unit: 'MB RSS',
        detail: `at its highest; ${memory?.now.toFixed(0)} now`,
        limit: isLarge ? 6_000 : 1_500,
      },
      {
        figure: 'GetVolumes, all pages',
        at,
        measured: median(lists),
        unit: 's',
        detail: `pages of ${PAGE}, ${Math.min(...lists).toFixed(2)}-${Math.max(...lists).toFixed(2)}`,
        ...(isLarge ? {} : { limit: 2 }),
      },
      {
        figure: 'embedded cluster, processor',
        at,
        measured: share,
        unit: '% of a core',
        detail: `for ${SECONDS} s with its workloads and --churn, which made ${changes} changes meanwhile`,
      },
    ];
  } finally {
    client.close();
    await run.stop();
  }
}
