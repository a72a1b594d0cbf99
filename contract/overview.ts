import * as z from 'zod';
import { IoRate, IoSeries } from './io';
import { Capacity } from './pool';
import { Rebuild } from './rebuild';
import { CordonState, Instant, NodeStatus } from './scalars';
import { SourceState } from './source';

/** Something that is wrong or will be, with its reason and what it leads to. */
export const Finding = z.object({
  id: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  /** What is wrong, one sentence. */
  title: z.string(),
  why: z.string().nullable(),
  since: Instant.nullable(),
  /** What the cluster does about it by itself, or what the administrator can do. */
  next: z.string().nullable(),
  object: z.object({ kind: z.enum(['volume', 'pool', 'node', 'source']), id: z.string(), name: z.string() }),
});
export type Finding = z.infer<typeof Finding>;

export const Overview = z.object({
  /** One sentence of truth about data safety, and its weight. */
  safety: z.object({ sentence: z.string(), level: z.enum(['safe', 'at-risk', 'data-lost', 'unknown']) }),
  volumes: z.object({
    total: z.int().nullable(),
    byStatus: z.record(z.string(), z.int()),
    rebuilding: z.int(),
  }),
  /** Faulty first, at most 20; `findingsTotal` counts all. */
  findings: z.array(Finding),
  findingsTotal: z.int(),
  rebuilds: z.array(Rebuild),
  capacity: Capacity.extend({ pools: z.int(), unknownPools: z.int() }),
  io: IoRate.nullable(),
  /** Last minutes of the cluster's I/O, for the sparkline. */
  series: IoSeries,
  nodes: z.array(
    z.object({
      id: z.string(),
      status: NodeStatus,
      cordon: CordonState,
      pools: z.int(),
      targets: z.int(),
      capacity: Capacity,
      io: IoRate.nullable(),
    }),
  ),
  sources: z.array(SourceState),
  observedAt: Instant.nullable(),
});
export type Overview = z.infer<typeof Overview>;
