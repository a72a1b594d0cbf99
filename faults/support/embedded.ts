import { type ChildProcess, spawn } from 'node:child_process';

/** The built embedded cluster, small and calm, in a process of its own. */
export class EmbeddedProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly agentCore: string,
    private readonly control: string,
  ) {}

  static async start(args: readonly string[] = []): Promise<EmbeddedProcess> {
    const calm = ['--nodes', '3', '--volumes', '3', '--scenario', 'calm', '--time-factor', '20', '--no-workloads'];
    const child = spawn(process.execPath, ['dist/embedded.mjs', '--with-parent', ...calm, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const found = text.split('\n').find((l) => l.startsWith('{') && l.endsWith('}'));
        if (found) resolve(found);
      });
      child.on('exit', (code) => reject(new Error(`the embedded cluster ended with ${code}: ${text}`)));
    });
    const { agentCore, control } = JSON.parse(line) as { agentCore: string; control: string };
    return new EmbeddedProcess(child, agentCore, control);
  }

  /** Asks its control page; throws when it refuses. */
  async act(path: string, method: 'POST' | 'DELETE' = 'POST'): Promise<void> {
    const response = await fetch(`${this.control}${path}`, { method });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
