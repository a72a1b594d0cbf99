import { z } from 'zod';

/**
 * The live stream, `GET /api/v1/clusters/{cluster}/events?topic=...&topic=...` (SSE, one per tab).
 *
 * A topic is the path and query of a GET below `/api/v1/clusters/{cluster}/`, for example `volumes?sort=-size&limit=50`.
 * The server sends its answer once, and then what changed in it, at most once a second.
 * Events: `hello` {StreamHello}, `topic` {TopicUpdate}, `patch` {TopicPatch}, `ping` {StreamPing} (every 10 s), `closing` (the server drains).
 */
export const StreamHello = z.object({ stream: z.string(), serverTime: z.string(), version: z.string() });
export type StreamHello = z.infer<typeof StreamHello>;

/** By the console's clock, so that a page tells ages right whatever its browser's clock says. */
export const StreamPing = z.object({ serverTime: z.string() });
export type StreamPing = z.infer<typeof StreamPing>;

/** The whole answer of one topic, or the problem that a GET would have answered. */
export const TopicUpdate = z.object({ topic: z.string(), revision: z.int(), data: z.unknown() });
export type TopicUpdate = z.infer<typeof TopicUpdate>;

/** What changed in a topic since `from`; apply with `applyPatch` of contract/patch.ts. */
export const TopicPatch = z.object({ topic: z.string(), from: z.int(), revision: z.int(), patch: z.unknown() });
export type TopicPatch = z.infer<typeof TopicPatch>;

export const MAX_TOPICS = 16;
