import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test';
import type { Bench } from './context';
import { PROBE, type Probe } from './probe';

declare global {
  interface Window {
    probe: Probe;
  }
}

/** A headless Chromium with nothing going on in the background, as the browser tests use it. */
export function launch(): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
    (p) => p && existsSync(p),
  );
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-precise-memory-info',
    ],
  });
}

/** What slows a page down. */
export interface Conditions {
  cpuSlowdown?: number;
  /** 10 Mbit/s and 40 ms for each request, as the peers had. */
  slowNetwork?: boolean;
}

/** A page with an empty cache, a probe in it, and counted bytes. */
export class Tab {
  /** Bytes as they came over the wire, by request. */
  private readonly bytes = new Map<string, number>();
  private readonly scripts = new Map<string, string>();

  private constructor(
    readonly page: Page,
    readonly cdp: CDPSession,
    private readonly context: BrowserContext,
  ) {}

  /** Somebody's tab, signed in. */
  static async open(
    { browser, console }: Pick<Bench, 'browser' | 'console'>,
    conditions: Conditions = {},
  ): Promise<Tab> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      storageState: console.session.storageState,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.addInitScript(PROBE);
    const cdp = await context.newCDPSession(page);
    const tab = new Tab(page, cdp, context);
    await cdp.send('Network.enable');
    await cdp.send('Performance.enable');
    cdp.on('Network.responseReceived', ({ requestId, type, response }) => {
      if (type === 'Script' || /\.js(\?|$)/.test(response.url)) tab.scripts.set(requestId, response.url);
    });
    const add = (id: string, bytes: number) => tab.bytes.set(id, (tab.bytes.get(id) ?? 0) + bytes);
    // A stream never finishes loading; its bytes come in pieces. The rest is counted when it is whole, headers included.
    cdp.on('Network.dataReceived', (e) => add(e.requestId, e.encodedDataLength));
    cdp.on('Network.loadingFinished', (e) => tab.bytes.set(e.requestId, e.encodedDataLength));
    if (conditions.cpuSlowdown) await cdp.send('Emulation.setCPUThrottlingRate', { rate: conditions.cpuSlowdown });
    if (conditions.slowNetwork) {
      const perSecond = (10 * 1_000_000) / 8;
      await cdp.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 40,
        downloadThroughput: perSecond,
        uploadThroughput: perSecond,
      });
    }
    return tab;
  }

  get wireBytes(): number {
    return [...this.bytes.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Scripts that came so far: bytes on the wire, and gzip level 6 of their bodies, which does not depend on the server. */
  async scriptBytes(): Promise<{ files: number; wire: number; gzip: number; raw: number }> {
    let [wire, gzip, raw] = [0, 0, 0];
    for (const [id] of this.scripts) {
      wire += this.bytes.get(id) ?? 0;
      const { body, base64Encoded } = await this.cdp.send('Network.getResponseBody', { requestId: id });
      const bytes = Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
      raw += bytes.length;
      gzip += gzipSync(bytes, { level: 6 }).length;
    }
    return { files: this.scripts.size, wire, gzip, raw };
  }

  /** JavaScript heap in use after a collection, MB (10^6). */
  async heapMb(): Promise<number> {
    await this.cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.cdp.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  }

  /** Share of the time that the page's main thread was busy between two calls, and the time, both seconds. */
  async taskSeconds(): Promise<{ task: number; at: number }> {
    const { metrics } = await this.cdp.send('Performance.getMetrics');
    const value = (name: string) => metrics.find((m) => m.name === name)?.value ?? Number.NaN;
    return { task: value('TaskDuration'), at: value('Timestamp') };
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
