import * as z from 'zod';

/**
 * The live stream, `GET /api/v1/clusters/{cluster}/events?topic=...&topic=...` (SSE, one per tab).
 *
 * A topic is the path and query of a GET below `/api/v1/clusters/{cluster}/`, for example `volumes?sort=-size&limit=50`.
 * The server sends its answer once, and then what changed in it, at most once a second.
 * Events: `hello` {StreamHello}, `topic` {TopicUpdate}, `patch` {TopicPatch}, `ping` {StreamPing} (when nothing else was sent
 * for 10 s), `closing` (the server drains, or the session has ended).
 *
 * Resuming: `hello`, `topic` and `patch` carry an SSE `id`, which says what the tab has then, topic by topic. A tab that comes
 * back with the last one as `Last-Event-ID` gets, of every topic that it still follows, only the patches it missed; none if
 * nothing changed; the whole when too much did, when the console was restarted, or when the topic is new to it. So the header
 * may be sent also when the set of topics has changed, and must be left out by a tab that has thrown away the value of a
 * topic it asks for again.
 */
export const StreamHello = z.object({
  stream: z.string(),
  serverTime: z.string(),
  version: z.string(),
  /** Topics that go on from what the tab has; of the others the whole follows. */
  resumed: z.array(z.string()),
});
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
