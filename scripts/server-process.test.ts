import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../e2e/sign-in';
import { isListening, occupied, Program, TempFolder } from './testing';

let temp: TempFolder;
let running: Program | undefined;

beforeEach(() => {
  temp = new TempFolder();
});

afterEach(async () => {
  await running?.kill();
  running = undefined;
  temp.remove();
});

function file(name: string, text: string): string {
  const at = path.join(temp.path, name);
  writeFileSync(at, text);
  return at;
}

/** Starts the console, which is to refuse its settings, and gives what it says. */
async function refusal(env: Record<string, string>) {
  running = Program.source('server/main.ts', [], env);
  const { code } = await running.ended;
  return { code, stdout: running.stdout, lines: running.stderr.trimEnd().split('\n') };
}

describe('a console with wrong settings', () => {
  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'an AGENT_CORE that is no address',
      () => ({ AGENT_CORE: 'nonsense' }),
      /AGENT_CORE: must be host:port .*nonsense/,
    ],
    ['an AGENT_CORE with an impossible port', () => ({ AGENT_CORE: 'host:99999' }), /AGENT_CORE: .*65535.*host:99999/],
    ['no cluster at all', () => ({}), /set AGENT_CORE=host:port or CONFIG=/],
    [
      'a CONFIG with an unknown key',
      () => ({ CONFIG: file('c.yaml', 'clusters: [{ id: a, agentCore: "a:1", tlss: on }]') }),
      /c\.yaml: clusters\[0\]\.tlss: unknown key/,
    ],
    ['a CONFIG that is not there', () => ({ CONFIG: path.join(temp.path, 'none.yaml') }), /none\.yaml: no such file/],
    ['a CONFIG that is not YAML', () => ({ CONFIG: file('c.yaml', 'clusters: [') }), /c\.yaml: not YAML/],
    [
      'a sign-in for one machine that all machines would reach',
      () => ({ AGENT_CORE: 'core:1', HOST: '0.0.0.0' }),
      /HOST: the local sign-in is for this machine only.*oidc or trusted-proxy/,
    ],
    [
      'no sign-in at all',
      () => ({ CONFIG: file('c.yaml', 'clusters: [{ id: a, agentCore: "a:1" }]\nauth: { mode: none }') }),
      /c\.yaml: auth\.mode: /,
    ],
    [
      'certificates that nobody checks',
      () => ({ AGENT_CORE: 'core:1', NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      /NODE_TLS_REJECT_UNAUTHORIZED=0: certificates would not be checked/,
    ],
  ])('ends with 78 and one line that says what is wrong: %s', async (_what, env, expected) => {
    const { code, stdout, lines } = await refusal({ ...env(), PORT: '0' });
    // Node itself has a word to say on some of these.
    const ours = lines.filter((line) => !/^\(/.test(line));
    expect(ours).toHaveLength(1);
    expect(ours[0]).toMatch(expected);
    expect(stdout).toBe('');
    expect(code).toBe(78);
  });

  it('ends with 1 when its port is in use, and says which and what to do', async () => {
    const other = await occupied();
    try {
      const { code, lines } = await refusal({ AGENT_CORE: '127.0.0.1:1', PORT: String(other.port) });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`port ${other.port} on 127\\.0\\.0\\.1 is in use: .*PORT`));
      expect(code).toBe(1);
    } finally {
      await other.free();
    }
  });
});

/** The built console where the build is up to date; else from the sources, as `npm run dev` does. */
function start(env: Record<string, string>): Program {
  const isBuilt = spawnSync(process.execPath, ['scripts/build.mjs', '--check']).status === 0;
  return isBuilt ? new Program(['dist/server.mjs'], env) : Program.source('server/main.ts', ['--dev'], env);
}

/** A console without a cluster to speak of, and somebody who is signed in. */
async function started(at?: string) {
  const gone = await occupied();
  await gone.free();
  const agentCore = at ?? `127.0.0.1:${gone.port}`;
  running = start({ AGENT_CORE: agentCore, PORT: '0' });
  const [, url = ''] = await running.says(/Mayastor Console at (http:\S+)\//);
  const [, link = ''] = await running.says(/Sign in, once, .*: (http:\S+)/);
  const { headers } = await signIn(url, link);
  return { program: running, url, agentCore, headers, api: `${url}/api/v1/clusters/default` };
}

describe('a console whose agent-core cannot be reached', () => {
  it('starts, says so where it is asked, and ends at once on SIGTERM', async () => {
    const { program, url, agentCore, headers, api } = await started();
    const overview = async () => {
      const response = await fetch(`${api}/overview`, { headers });
      expect(response.status).toBe(200);
      return response.json();
    };
    // The first answers may come before the first attempt has failed.
    await expect
      .poll(async () => (await overview()).sources[0], { timeout: 15_000 })
      .toMatchObject({ source: 'agent-core', endpoint: agentCore, status: 'failing' });
    const body = await overview();
    expect(body.safety).toMatchObject({ level: 'unknown' });
    expect(body.safety.sentence).toContain(agentCore);
    expect(body.volumes.total).toBeNull();
    expect(body.findings[0]).toMatchObject({ severity: 'critical', object: { id: 'agent-core' } });
    expect(body.findings[0].why).toContain('ECONNREFUSED');

    const volume = await fetch(`${api}/volumes/11111111-2222-4333-8444-555555555555`, { headers });
    expect(volume.headers.get('content-type')).toMatch(/application\/problem\+json/);
    expect(volume.status).toBeGreaterThanOrEqual(500);
    expect((await volume.json()).detail).toMatch(/\S/);

    // Nobody without a session, and no program with half of one, gets as much.
    expect((await fetch(`${api}/overview`)).status).toBe(401);
    expect((await fetch(`${api}/overview`, { headers: { cookie: headers.cookie ?? '' } })).status).toBe(401);

    program.signal('SIGTERM');
    expect((await program.ended).code).toBe(0);
    expect(await isListening(url)).toBe(false);
  });

  it('says goodbye to its streams within a second of SIGTERM, and does not wait for those who hold on', async () => {
    const { program, headers, api } = await started();
    const stream = await fetch(`${api}/events?topic=summary`, { headers });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    const reading = (async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) seen += part.value;
    })();
    await expect.poll(() => seen).toContain('event: topic');
    const told = Date.now();
    program.signal('SIGTERM');
    await reading;
    expect(seen).toContain('event: closing');
    expect((await program.ended).code).toBe(0);
    // Far from the 40 s that a running change would be given; how long a busy machine takes is not the point.
    expect(Date.now() - told).toBeLessThan(10_000);
  });

  it('writes who signed in to standard output, as a line of JSON', async () => {
    const { program } = await started();
    const [line] = await program.says(/^\{"stream":"audit".*\}$/m);
    expect(JSON.parse(line)).toMatchObject({ action: 'session.start', result: 'ok', actor: { mode: 'local' } });
    program.signal('SIGTERM');
    await program.ended;
  });
});

describe('a console whose agent-core is something else', () => {
  it('says what it found on the screen and on standard error', async () => {
    const other = createServer((_, res) => res.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo; // a TCP server's address is never a string
    try {
      const { program, headers, api } = await started(`127.0.0.1:${port}`);
      const overview = async () => (await fetch(`${api}/overview`, { headers })).json();
      await expect
        .poll(async () => (await overview()).findings[0]?.title, { timeout: 15_000 })
        .toBe(`What answers at 127.0.0.1:${port} is not agent-core`);
      const { findings, safety, sources } = await overview();
      expect(findings[0].why).toMatch(/an HTTP server answers at/);
      expect(findings[0].next).toMatch(/^Set AGENT_CORE/);
      expect(safety.sentence).toContain(`what answers at 127.0.0.1:${port} is not the control plane`);
      expect(sources[0].error.code).toBe('NotAgentCore');
      expect(program.stderr.match(/cluster default: an HTTP server answers at/g)).toHaveLength(1);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });
});

describe('an address that is not there', () => {
  it('is told in the form of everything else of the API, whatever the method, and pages have the right status', async () => {
    const { url, headers } = await started();
    const ask = async (method: string, path: string) => {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
      const type = { 'content-type': 'application/json', origin: url };
      const response = await fetch(url + path, { method, ...body, headers: { ...headers, ...type } });
      const text = await response.text();
      const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
      return { status: response.status, code: isProblem ? JSON.parse(text).code : text.slice(0, 40), response, text };
    };
    for (const path of ['/api', '/api/v1', '/api/v2/volumes', '/api/v1/clusters/default/nope', '/api/v1/a/b/c/d/e/f']) {
      expect(await ask('GET', path), path).toMatchObject({ status: 404, code: 'not_found' });
    }
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect(await ask(method, '/api/v1/nope'), method).toMatchObject({ status: 404, code: 'not_found' });
    expect((await ask('GET', '/api/v1/nope')).text).toContain('/api/v1/openapi.json');
    const wrong = await ask('DELETE', '/api/v1/clusters/default/volumes');
    expect(wrong).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(wrong.response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
    // Nobody who is not signed in learns what there is.
    const stranger = await fetch(`${url}/api/v1/nope`);
    expect([stranger.status, (await stranger.json()).code]).toEqual([401, 'unauthenticated']);

    expect((await ask('GET', '/c/default/volumes')).status).toBe(200);
    expect((await ask('GET', '/c/nowhere')).status).toBe(404);
    expect((await ask('GET', '/c/nowhere/volumes/new')).status).toBe(404);
    expect((await ask('GET', '/c/default/nope')).status).toBe(404);
    // Nothing is known of the volumes of a cluster that does not answer.
    expect((await ask('GET', '/c/default/volumes/11111111-2222-4333-8444-555555555555')).status).toBe(200);
  });
});
