import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { Gate } from '../gate';

/** Whether `user` with `groups` may do `verb` to a resource. */
export interface AccessReview {
  user: string;
  groups: readonly string[];
  group: string;
  verb: string;
  resource: string;
  subresource?: string;
  name?: string;
}

/** `unavailable`: nobody knows, because the API server did not answer or did not answer that. */
export type ReviewAnswer = { kind: 'allowed' } | { kind: 'denied' } | { kind: 'unavailable'; reason: string };

/** How the console reaches a Kubernetes API: as the pod that it runs in, or by a kubeconfig file. */
export type KubernetesAccess = { kind: 'in-cluster' } | { kind: 'kubeconfig'; path: string; context?: string };

/** A kubeconfig's path and context, or the pod that the console runs in. */
export const accessOf = (path: string | undefined, context: string | undefined): KubernetesAccess =>
  path === undefined
    ? { kind: 'in-cluster' }
    : { kind: 'kubeconfig', path, ...(context === undefined ? {} : { context }) };

const TIMEOUT_MS = 3_000;
const LOOPBACK = /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?(\/|$)/;
const MAX_REPLY = 256 * 1024;
const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

const Reply = z.object({
  status: z.object({ allowed: z.boolean(), denied: z.boolean().optional(), evaluationError: z.string().optional() }),
});

/**
 * The one thing that is asked of a Kubernetes API so far: SubjectAccessReview. Credentials and certificates come from
 * client-node, which renews tokens; the request is our own, so that it has a time limit, a size limit and follows no redirect.
 */
export class AccessReviewClient {
  private readonly gate = new Gate({ width: 8, queue: 64, waitMs: 2_000 });

  private constructor(private readonly config: KubeConfig) {}

  /** Rejects when the kubeconfig cannot be read, names no cluster, or one whose certificate nobody would check. */
  static async open(access: KubernetesAccess): Promise<AccessReviewClient> {
    // Loaded only where it is configured: it costs a start a good part of a second, and memory.
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    if (access.kind === 'in-cluster') config.loadFromCluster();
    else {
      config.loadFromFile(access.path);
      if (access.context !== undefined) config.setCurrentContext(access.context);
    }
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error('names no cluster');
    // Who answers decides what people may do: it must be who it says it is. A tunnel to this machine is.
    if (cluster.skipTLSVerify && !LOOPBACK.test(cluster.server))
      throw new Error('skips the check of the API server’s certificate: name its certificate-authority instead');
    return new AccessReviewClient(config);
  }

  get server(): string {
    return this.config.getCurrentCluster()?.server ?? '';
  }

  /** Answers `unavailable` instead of throwing. */
  async review(review: AccessReview): Promise<ReviewAnswer> {
    try {
      const { user, groups, ...resourceAttributes } = review;
      const spec = { user, groups, resourceAttributes };
      const reply = await this.gate.run(() =>
        this.post({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }),
      );
      if (reply === undefined) return { kind: 'unavailable', reason: 'too many questions are waiting' };
      if (reply.status !== 200 && reply.status !== 201)
        return { kind: 'unavailable', reason: `its API server answered ${reply.status}` };
      const parsed = Reply.safeParse(JSON.parse(reply.text));
      if (!parsed.success) return { kind: 'unavailable', reason: 'its API server answered something else' };
      const { allowed, denied } = parsed.data.status;
      return allowed && denied !== true ? { kind: 'allowed' } : { kind: 'denied' };
    } catch (error) {
      return { kind: 'unavailable', reason: reasonOf(error) };
    }
  }

  private async post(body: unknown): Promise<{ status: number; text: string }> {
    const url = new URL(this.server.replace(/\/$/, '') + PATH);
    const options: RequestOptions = {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    await this.config.applyToHTTPSOptions(options);
    const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const req = request(url, options, (res) => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (part: string) => {
          text += part;
          if (text.length > MAX_REPLY) res.destroy(new Error('its API server answered too much'));
        });
        res.on('error', reject);
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      });
      req.on('error', reject);
      req.end(JSON.stringify(body));
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'its API server answered no JSON';
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 200);
}
