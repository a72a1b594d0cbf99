import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { agentCoreServer, VolumePages } from '@/bench/fleet/agent-core';
import { Calls } from '@/bench/fleet/calls';
import { EngineState, ioEngineServer } from '@/bench/fleet/io-engine';
import { makeFleet } from '@/bench/fleet/model';
import { FaultProxy } from './fault-proxy';

function bind(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(`127.0.0.1:${port}`),
    );
  });
}

/** A replayed cluster behind fault proxies: one before agent-core, one before each io-engine. It moves no data. */
export interface FaultyCluster {
  core: FaultProxy;
  engines: FaultProxy[];
  stop(): Promise<void>;
}

/** Starts one. Its agent-core lists everything and makes no change. */
export async function startFaultyCluster(nodes: number, volumes: number): Promise<FaultyCluster> {
  const fleet = makeFleet({ nodes, volumes, busy: 0 });
  const calls = new Calls();
  const state = new EngineState(fleet);
  const servers: Server[] = [];
  const engines: FaultProxy[] = [];
  for (let node = 0; node < nodes; node += 1) {
    const server = ioEngineServer(fleet, node, () => engines[node]?.endpoint ?? '', state, calls);
    servers.push(server);
    engines.push(await new FaultProxy(await bind(server)).start());
  }
  const endpoints = engines.map((proxy) => proxy.endpoint);
  const agentCore = agentCoreServer(fleet, endpoints, new VolumePages(fleet), calls);
  servers.push(agentCore);
  const core = await new FaultProxy(await bind(agentCore)).start();
  return {
    core,
    engines,
    stop: async () => {
      for (const proxy of [core, ...engines]) await proxy.close();
      for (const server of servers) server.forceShutdown();
    },
  };
}
