import * as z from 'zod';
import { Instant } from './scalars';

/** `accepted`: started, the end follows in a record of its own. `unknown`: no answer came in time; the state is re-read. */
export const AuditResult = z.enum(['ok', 'accepted', 'refused', 'failed', 'unknown']);
export type AuditResult = z.infer<typeof AuditResult>;

/** One record of the audit log: before a change, `intent`; after it, `outcome`; and what happens to sessions, `event`. */
export const AuditRecord = z.object({
  stream: z.literal('audit'),
  v: z.literal(1),
  /** Counts up from 1 with every record of the process `instance`; a gap is a lost record. */
  seq: z.int(),
  instance: z.string(),
  /** SHA-256 of the line before, shortened; '' for the first. */
  prev: z.string(),
  ts: Instant,
  phase: z.enum(['intent', 'outcome', 'event']),
  /** The same for an intent and its outcomes. */
  id: z.string(),
  requestId: z.string().nullable(),
  actor: z
    .object({
      issuer: z.string(),
      subject: z.string(),
      name: z.string(),
      role: z.string().nullable(),
      mode: z.string(),
      /** Tells sessions of one person apart; no part of what is secret. */
      session: z.string().nullable(),
    })
    .nullable(),
  /** Address that asked, as limits count it. */
  address: z.string().nullable(),
  /** The permission that the change takes, or what happened: `session.start`. */
  action: z.string(),
  /** `DELETE /api/v1/clusters/{cluster}/volumes/{uuid}`, without values. */
  summary: z.string(),
  /** Cluster and ids from the path. */
  object: z.record(z.string(), z.string()),
  /** Fields of the body, those of secrets left out. */
  request: z.record(z.string(), z.string()),
  /** Nothing was to be changed, only its consequences told. */
  dryRun: z.boolean(),
  result: AuditResult.nullable(),
  /** Code of the problem when it was not done. */
  error: z.string().nullable(),
  operation: z.string().nullable(),
  durationMs: z.number().nullable(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

export const AuditQuery = z.strictObject({
  /** Words that a record must contain, in any field. */
  q: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});

/** Newest first. */
export const AuditWindow = z.object({
  records: z.array(AuditRecord),
  /** How many matched, of `kept` in memory; older ones are in the log of the process. */
  matched: z.int(),
  kept: z.int(),
  capacity: z.int(),
  /** Lines that could not be written since the start. */
  lost: z.int(),
});
export type AuditWindow = z.infer<typeof AuditWindow>;
