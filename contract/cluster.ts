import * as z from 'zod';
import { Instant, Labels } from './scalars';
import { SourceState } from './source';

/** Cluster ids stand in URLs: lower-case letters, digits and dashes. */
export const ClusterId = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and dashes');
export type ClusterId = z.infer<typeof ClusterId>;

export const ClusterSummary = z.object({
  id: ClusterId,
  name: z.string(),
  agentCore: SourceState,
  /** Those that do not answer, or were not asked yet. */
  sources: z.array(SourceState),
  /** Of the newest datum, rounded down to 10 s. */
  observedAt: Instant.nullable(),
});
export type ClusterSummary = z.infer<typeof ClusterSummary>;
export const Clusters = z.object({ clusters: z.array(ClusterSummary), version: z.string() });
export type Clusters = z.infer<typeof Clusters>;

/** What the wizards offer to choose from. */
export const Choices = z.object({
  nodes: z.array(z.object({ id: z.string(), labels: Labels, schedulable: z.boolean(), reason: z.string().nullable() })),
  pools: z.array(z.object({ id: z.string(), node: z.string(), labels: Labels })),
  affinityGroups: z.array(z.string()),
  maxReplicas: z.int(),
});
export type Choices = z.infer<typeof Choices>;
