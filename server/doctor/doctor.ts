import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OidcSignIn } from '../auth/oidc';
import { Sealer } from '../auth/seal';
import type { AuthConfig } from '../config/auth-config';
import { type ClusterConfig, type Config, ConfigError, loadConfig } from '../config/config';
import { AgentCoreClient } from '../upstream/agent-core';
import { nodeEndpoint } from '../upstream/endpoint';
import { IoEngineClient } from '../upstream/io-engine';
import { AccessReviewClient, accessOf } from '../upstream/kubernetes/access-review';

type Env = Readonly<Record<string, string | undefined>>;
type Say = (line: string) => void;

/** One thing that was tried. */
interface Finding {
  ok: boolean;
  what: string;
  detail: string;
}

/**
 * Explains a configuration and tries every upstream that it names, without serving anything. Answers the exit code: 0 all is
 * well, 1 an upstream does not answer, 78 the console would refuse to start.
 */
export async function doctor(env: Env, say: Say = (line) => process.stdout.write(`${line}\n`)): Promise<number> {
  let config: Config;
  try {
    config = loadConfig(
      env,
      (path) => readFileSync(path, 'utf8'),
      (path) => statSync(path).mode,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say(`FAIL configuration: ${error.message}`);
    say('The console would not start.');
    return 78;
  }
  for (const line of explain(config)) say(`     ${line}`);
  let failed = 0;
  const show = ({ ok, what, detail }: Finding) => {
    if (!ok) failed += 1;
    say(`${ok ? 'ok  ' : 'FAIL'} ${what}: ${detail}`);
  };
  if (config.auth.mode !== 'trusted-proxy' && config.auth.endedFile) show(tryEndedFile(config.auth.endedFile));
  if (config.auth.mode === 'oidc') show(await tryProvider(config.auth, config.publicUrl ?? ''));
  for (const cluster of config.clusters) for (const finding of await tryCluster(cluster)) show(finding);
  say(
    failed === 0 ? 'All is well.' : `${failed} of these do not answer. The console starts all the same, and says so.`,
  );
  return failed === 0 ? 0 : 1;
}

/** What the configuration means, a sentence a line. */
export function explain(config: Config): string[] {
  const { auth } = config;
  return [
    `Listens on ${config.host}, port ${config.port}; people open it at ${config.publicUrl ?? 'that address, on this machine'}.`,
    ways(auth),
    ...(auth.mode === 'trusted-proxy' ? [] : [sessions(auth)]),
    config.readOnly ? 'Read only: nothing can be changed, whoever asks.' : 'Changes are possible for those who may.',
    ...config.clusters.map(
      (c) =>
        `Cluster ${c.id}: agent-core at ${c.agentCore}; ${
          c.kubernetes && auth.mode !== 'local'
            ? 'Kubernetes decides who may do what.'
            : 'roles decide who may do what.'
        }`,
    ),
    metricsOf(config),
    `One session may make ${config.limits.readsPerSecond} reads and ${config.limits.writesPerSecond} changes a second, and hold ${config.limits.streamsPerSession} live streams.`,
  ];
}

function metricsOf({ metrics, publicUrl }: Config): string {
  if (metrics) return `Metrics and health, for whoever reaches them: ${metrics.host}, port ${metrics.port}.`;
  return publicUrl === undefined
    ? 'Metrics, for programs of this machine: /metrics.'
    : 'No metrics: set METRICS_PORT, because everybody comes through the proxy of PUBLIC_URL.';
}

function ways(auth: AuthConfig): string {
  switch (auth.mode) {
    case 'local':
      return `Local: whoever opens the link that it prints, on this machine, has the role ${auth.role}.`;
    case 'oidc':
      return `OpenID Connect: people sign in at ${auth.oidc.issuer} as the client ${auth.oidc.clientId}; groups come from the claim ${auth.oidc.groupsClaim}.`;
    case 'trusted-proxy':
      return `Trusted proxy: whoever comes from ${auth.proxy.cidrs.join(', ')} with the secret says in ${auth.proxy.userHeader} and ${auth.proxy.groupsHeader} who asks.`;
  }
}

function sessions(auth: Exclude<AuthConfig, { mode: 'trusted-proxy' }>): string {
  const minutes = (ms: number) => `${Math.round(ms / 60_000)} minutes`;
  const key =
    auth.sessionSecrets.length === 0
      ? 'a restart ends them all'
      : `they outlive a restart, and ${auth.endedFile} keeps which have ended early`;
  return `Sessions end after ${minutes(auth.idleMs)} without a request and ${minutes(auth.absoluteMs)} in any case; ${key}.`;
}

/** Looks only: a console that runs may be writing it. */
function tryEndedFile(path: string): Finding {
  const what = `ended sessions in ${path}`;
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return { ok: true, what, detail: 'can be written' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ok: false, what, detail: `its folder cannot be written (${code}), and the console would not start` };
  }
}

async function tryProvider(auth: AuthConfig & { mode: 'oidc' }, publicUrl: string): Promise<Finding> {
  const what = `identity provider ${auth.oidc.issuer}`;
  const sealer = new Sealer([Buffer.alloc(32, 'doctor')]); // seals nothing that anybody keeps
  const cookie = { name: 'none', isSecure: true, sameSite: 'Lax' } as const;
  const oidc = new OidcSignIn({ config: auth.oidc, publicUrl, sealer, cookie, now: Date.now });
  const found = await oidc.discovered();
  if (!found.ok) return { ok: false, what, detail: found.detail };
  return { ok: true, what, detail: `register ${publicUrl}/auth/callback there as a redirect address` };
}

async function tryCluster(config: ClusterConfig): Promise<Finding[]> {
  const findings: Finding[] = [];
  const core = new AgentCoreClient(config.agentCore);
  try {
    const nodes = await core.listNodes();
    const what = `cluster ${config.id}: agent-core ${config.agentCore}`;
    if (!nodes.ok) {
      const { kind, message } = await core.explain(nodes.error);
      findings.push({ ok: false, what, detail: `${kind}: ${message}` });
    } else {
      findings.push({ ok: true, what, detail: `answers, with ${nodes.value.size} storage nodes` });
      const asked = [...nodes.value.values()].map((n) => tryNode(config, n.id, n.endpoint));
      findings.push(...(await Promise.all(asked)));
    }
  } finally {
    core.close();
  }
  if (config.kubernetes) findings.push(await tryKubernetes(config));
  return findings;
}

async function tryNode(config: ClusterConfig, id: string, endpoint: string | undefined): Promise<Finding> {
  const what = `cluster ${config.id}: io-engine of ${id}`;
  const allowed = nodeEndpoint(endpoint ?? '', config.agentCore);
  if (!allowed.ok) return { ok: false, what, detail: `${endpoint ?? 'no address'} is not dialled: ${allowed.reason}` };
  const engine = new IoEngineClient(allowed.target, id);
  try {
    const info = await engine.info();
    if (!info.ok) return { ok: false, what, detail: `${allowed.target}: ${info.error.kind}: ${info.error.message}` };
    return { ok: true, what, detail: `${allowed.target} answers` };
  } finally {
    engine.close();
  }
}

async function tryKubernetes(config: ClusterConfig): Promise<Finding> {
  const what = `cluster ${config.id}: Kubernetes`;
  const { kubeconfig, context } = config.kubernetes ?? {};
  try {
    const client = await AccessReviewClient.open(accessOf(kubeconfig, context));
    const answer = await client.review({
      user: 'mayastor-console:doctor',
      groups: [],
      group: 'console.openebs.io',
      verb: 'get',
      resource: 'clusters',
    });
    if (answer.kind === 'unavailable') return { ok: false, what, detail: `${client.server}: ${answer.reason}` };
    return { ok: true, what, detail: `${client.server} answers SubjectAccessReviews` };
  } catch (error) {
    return { ok: false, what, detail: error instanceof Error ? error.message : String(error) };
  }
}
