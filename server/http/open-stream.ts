import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClusterId } from '@/contract/cluster';
import { MAX_TOPICS } from '@/contract/stream';
import { limitKeyOf, type Principal } from '../auth/principal';
import type { Viewer } from '../live/hub';
import { topicPermission } from '../live/topics';
import type { Cluster, Runtime } from '../runtime';
import type { Failure } from './problem';
import { sendFailure } from './reply';

const RETRY_SECONDS = 5;

/** Opens a tab's live stream, when whoever asks may see the cluster; each topic asks for the permission of its GET. */
export async function openStream(
  runtime: Runtime,
  name: string,
  principal: Principal | undefined,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { auth } = runtime;
  if (req.method !== 'GET') {
    const failure = { code: 'method_not_allowed', detail: 'The stream is read with GET.' } as const;
    return sendFailure(req, res, failure, { allow: 'GET', close: true });
  }
  if (!principal)
    return sendFailure(req, res, { code: 'unauthenticated', detail: 'Nobody is signed in, or the session has ended.' });
  const id = ClusterId.safeParse(name);
  const cluster = id.success ? runtime.clusters.get(id.data) : undefined;
  if (!cluster)
    return sendFailure(req, res, { code: 'unknown_cluster', detail: 'This console has no cluster of that name.' });
  const topics = topicsOf(req);
  if (!Array.isArray(topics)) return sendFailure(req, res, topics);
  const viewer: Viewer = {
    key: limitKeyOf(principal),
    isAlive: () => auth.holds(principal),
    refuse: async (topic) => {
      const permission = topicPermission(topic);
      return permission && auth.refuse(principal, permission, { authorizer: cluster.authorizer });
    },
  };
  const decided = await decide(runtime, cluster, principal, viewer, topics);
  if (!(decided instanceof Map)) return sendFailure(req, res, decided);
  // Both counted here, behind the last wait, so that many requests at once cannot slip past.
  const tooMany = tooManyStreams(runtime, viewer.key);
  if (tooMany) return sendFailure(req, res, tooMany);
  if (res.destroyed) return;
  req.socket.setNoDelay(true);
  const lastEventId = req.headers['last-event-id'];
  cluster.hub.open(res, viewer, decided, typeof lastEventId === 'string' ? lastEventId : undefined);
}

function topicsOf(req: IncomingMessage): string[] | Failure {
  const { searchParams } = new URL(req.url ?? '/', 'http://console');
  const topics = searchParams.getAll('topic');
  if ([...searchParams.keys()].some((k) => k !== 'topic'))
    return { code: 'invalid_query', detail: 'The stream takes “topic” parameters only.' };
  if (topics.length > MAX_TOPICS || topics.some((t) => t.length > 1024))
    return {
      code: 'invalid_query',
      detail: `A stream carries at most ${MAX_TOPICS} topics of at most 1,024 characters.`,
    };
  return topics;
}

async function decide(
  { auth }: Runtime,
  cluster: Cluster,
  principal: Principal,
  viewer: Viewer,
  topics: readonly string[],
): Promise<Map<string, Failure | undefined> | Failure> {
  const refusal = await auth.refuse(principal, 'clusters:read', { authorizer: cluster.authorizer });
  if (refusal) return refusal;
  const decided = new Map<string, Failure | undefined>();
  for (const topic of new Set(topics)) decided.set(topic, await viewer.refuse(topic));
  return decided;
}

function tooManyStreams({ clusters, traffic: { limits } }: Runtime, key: string): Failure | undefined {
  let [all, own] = [0, 0];
  for (const { hub } of clusters.values()) {
    all += hub.size;
    own += hub.countOf(key);
  }
  const retryAfterSeconds = RETRY_SECONDS;
  if (own >= limits.streamsPerSession)
    return {
      code: 'too_many_requests',
      detail: `A session has at most ${limits.streamsPerSession} live streams, one for each open tab.`,
      nextStep: 'Close some tabs; this page goes on without its stream, every few seconds.',
      retryAfterSeconds,
    };
  if (all >= limits.streams) return { code: 'busy', detail: 'Too many live streams are open.', retryAfterSeconds };
  return undefined;
}
