import { NvmeAnaState, ShareProtocol } from '@/gen/mayastor/v1/common';
import {
  ChildAction,
  type ListRebuildHistoryRequest,
  type NexusRpcServer,
  RebuildJobState,
} from '@/gen/mayastor/v1/nexus';
import type { Nexus } from '../nexus';
import type { NexusManager } from '../nexus-manager';
import { invalid, precondition, unimplemented } from '../rpc-error';
import { fromTimestamp, toTimestamp } from '../wire';
import type { Unary } from './unary';

/** NexusRpc over the nexuses of one node. */
export function nexusRpc(nexuses: NexusManager, now: () => number, unary: Unary): NexusRpcServer {
  const change = async (uuid: string, run: (nexus: Nexus) => unknown) => {
    const nexus = await nexuses.change(uuid, async (n) => {
      await run(n);
      return n;
    });
    return { nexus: nexus.toWire() };
  };
  return {
    createNexus: unary(async (r) => {
      if (r.minCntlId < 1 || r.maxCntlId > 0xffef || r.minCntlId > r.maxCntlId) {
        throw invalid(`controller ids ${r.minCntlId}..${r.maxCntlId} are not within 1..0xffef`);
      }
      const nexus = await nexuses.create({
        uuid: r.uuid,
        name: r.name || r.uuid,
        sizeBytes: Number(r.size),
        children: r.children,
        infoKey: r.nexusInfoKey || r.uuid,
        reservationKey: BigInt(r.resvKey),
      });
      return { nexus: nexus.toWire() };
    }),
    destroyNexus: unary(async (r) => {
      await nexuses.destroy(r.uuid);
      return {};
    }),
    listNexus: unary((r) => ({
      nexusList: (r.uuid === undefined ? nexuses.list() : [nexuses.get(r.uuid)])
        .filter((n) => r.name === undefined || n.name === r.name)
        .map((n) => n.toWire()),
    })),
    publishNexus: unary((r) => {
      if (r.share !== ShareProtocol.NVMF) throw invalid(`a nexus cannot be published over protocol ${r.share}`);
      if (r.key !== '') throw unimplemented('encryption of targets is not supported here');
      return change(r.uuid, (n) => n.publish(r.allowedHosts));
    }),
    unpublishNexus: unary((r) => change(r.uuid, (n) => n.unpublish())),
    shutdownNexus: unary((r) => change(r.uuid, (n) => n.shutdown())),
    resizeNexus: unary((r) => change(r.uuid, (n) => n.resize(Number(r.requestedSize)))),
    addChildNexus: unary((r) => change(r.uuid, (n) => n.addChild(r.uri, r.norebuild))),
    removeChildNexus: unary((r) => change(r.uuid, (n) => n.removeChild(r.uri))),
    faultNexusChild: unary((r) => change(r.uuid, (n) => n.takeOut(r.uri, 'offline-permanent'))),
    childOperation: unary((r) => change(r.nexusUuid, (n) => operateChild(n, r.uri, r.action))),
    getNvmeAnaState: unary((r) => {
      const nexus = nexuses.get(r.uuid);
      mustBePublished(nexus);
      return { anaState: nexus.anaState };
    }),
    setNvmeAnaState: unary((r) =>
      change(r.uuid, (n) => {
        mustBePublished(n);
        if (!SETTABLE.has(r.anaState)) throw invalid(`ANA state ${r.anaState} cannot be set`);
        n.anaState = r.anaState;
      }),
    ),
    startRebuild: unary((r) => change(r.nexusUuid, (n) => n.startRebuild(r.uri))),
    stopRebuild: unary((r) => change(r.nexusUuid, (n) => n.job(r.uri).stop())),
    pauseRebuild: unary((r) => change(r.nexusUuid, (n) => n.job(r.uri).pause())),
    resumeRebuild: unary((r) => change(r.nexusUuid, (n) => n.job(r.uri).resume())),
    getRebuildState: unary((r) => ({ state: STATE_NAMES[nexuses.get(r.nexusUuid).job(r.uri).state] ?? 'init' })),
    getRebuildStats: unary((r) => nexuses.get(r.nexusUuid).job(r.uri).stats()),
    getRebuildHistory: unary((r) => {
      const nexus = nexuses.get(r.uuid);
      return { uuid: nexus.uuid, name: nexus.name, records: [...nexus.history] };
    }),
    listRebuildHistory: unary((r) => listHistory(nexuses.list(), r, now)),
  };
}

const SETTABLE: ReadonlySet<NvmeAnaState> = new Set([
  NvmeAnaState.NVME_ANA_OPTIMIZED_STATE,
  NvmeAnaState.NVME_ANA_NON_OPTIMIZED_STATE,
  NvmeAnaState.NVME_ANA_INACCESSIBLE_STATE,
]);

/** Names of job states on this rpc (wire facts, 10). */
const STATE_NAMES: Partial<Record<RebuildJobState, string>> = {
  [RebuildJobState.Init]: 'init',
  [RebuildJobState.Rebuilding]: 'running',
  [RebuildJobState.Stopped]: 'stopped',
  [RebuildJobState.Paused]: 'paused',
  [RebuildJobState.Failed]: 'failed',
  [RebuildJobState.Completed]: 'completed',
};

function operateChild(nexus: Nexus, uri: string, action: ChildAction): Promise<void> {
  switch (action) {
    case ChildAction.Offline:
      return nexus.takeOut(uri, 'offline');
    case ChildAction.OfflinePermanent:
      return nexus.takeOut(uri, 'offline-permanent');
    case ChildAction.FaultIOError:
      return nexus.takeOut(uri, 'io-error');
    case ChildAction.Online:
      return nexus.onlineChild(uri);
    default:
      throw invalid(`unknown child action ${action}`);
  }
}

function mustBePublished(nexus: Nexus): void {
  if (!nexus.published) throw precondition(`nexus ${nexus.uuid} is not published`);
}

/**
 * Newest first, at most `count` per nexus, ended after the cursor; the new cursor is the latest end of all, or now.
 * Every nexus is in the answer, with nothing new too: agent-core forgets the history of one that is left out.
 */
function listHistory(nexuses: Nexus[], { count, sinceEndTime }: ListRebuildHistoryRequest, now: () => number) {
  const since = sinceEndTime ? fromTimestamp(sinceEndTime) : Number.NEGATIVE_INFINITY;
  const endOf = (r: Nexus['history'][number]) => (r.endTime ? fromTimestamp(r.endTime) : 0);
  const histories: Record<string, { uuid: string; name: string; records: Nexus['history'] }> = {};
  let last = Number.NEGATIVE_INFINITY;
  for (const nexus of nexuses) {
    const records = [...nexus.history].reverse().filter((r) => endOf(r) > since);
    last = Math.max(last, ...nexus.history.map(endOf));
    histories[nexus.uuid] = {
      uuid: nexus.uuid,
      name: nexus.name,
      records: records.slice(0, count ?? records.length),
    };
  }
  return { histories, endTime: toTimestamp(Number.isFinite(last) ? last : now()) };
}
