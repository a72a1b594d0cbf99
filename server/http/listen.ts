import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsConfig } from '../config/config';
import type { Runtime } from '../runtime';
import { SECURITY_HEADERS } from './headers';
import { answerMetricsPort, type Health } from './health';

/** Listens, and answers the port; rejects with a sentence that names the setting. */
export function listen(server: Server, host: string, port: number, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} on ${host} is in use: stop what listens there, or set ${setting} to another one`
            : `cannot listen on ${host}:${port}: ${error.message}`,
        ),
      );
    server.once('error', failed);
    server.listen(port, host, () => {
      server.removeListener('error', failed);
      resolve((server.address() as AddressInfo).port); // a TCP server's address is never a string
    });
  });
}

/** Few and short requests, by Prometheus and an orchestrator. */
const MAX_CONNECTIONS = 64;

/** Serves health and metrics on a port of their own; the answer closes it. */
export async function openMetricsPort(config: MetricsConfig, runtime: Runtime, health: Health): Promise<() => void> {
  const server = createServer({ maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 2_000 }, (req, res) => {
    for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
    res.on('error', () => res.destroy());
    answerMetricsPort(runtime, health, req, res);
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, config.host, config.port, 'METRICS_PORT');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
