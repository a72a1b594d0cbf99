import type { RegisterRequest } from '@/gen/mayastor/v1/common';
import { BlockDevice, type HostRpcServer, NvmeControllerState } from '@/gen/mayastor/v1/host';
import { BLOCK_SIZE, type Disk } from '../disk';
import type { NvmeControllers } from '../nvme-controllers';
import type { PoolManager } from '../pool-manager';
import { notFound } from '../rpc-error';
import type { Unary } from './unary';

/** HostRpc: the node itself, its disks, and the remote replicas that it opened. */
export function hostRpc(
  pools: PoolManager,
  controllers: NvmeControllers,
  registration: () => RegisterRequest,
  unary: Unary,
): HostRpcServer {
  return {
    getMayastorInfo: unary(() => {
      const registrationInfo = registration();
      return {
        version: registrationInfo.version ?? '',
        previousFeatures: { asymmetricNamespaceAccess: true },
        registrationInfo,
      };
    }),
    // A disk with a pool stays `available`, as upstream's udev rule sees no file system on it (behaviour facts, 2.1).
    listBlockDevices: unary(() => ({
      devices: pools.disks.flatMap((disk, i) => (disk.isGone ? [] : [blockDevice(disk, i)])),
    })),
    getMayastorResourceUsage: unary(() => {
      const u = process.resourceUsage();
      return {
        usage: {
          softFaults: BigInt(u.minorPageFault),
          hardFaults: BigInt(u.majorPageFault),
          swaps: BigInt(u.swappedOut),
          inBlockOps: BigInt(u.fsRead),
          outBlockOps: BigInt(u.fsWrite),
          ipcMsgSend: BigInt(u.ipcSent),
          ipcMsgRcv: BigInt(u.ipcReceived),
          signals: BigInt(u.signalsCount),
          volCsw: BigInt(u.voluntaryContextSwitches),
          involCsw: BigInt(u.involuntaryContextSwitches),
        },
      };
    }),
    listNvmeControllers: unary(() => ({
      controllers: controllers.list().map((c) => ({
        name: c.name,
        state: NvmeControllerState.RUNNING,
        size: BigInt(c.device.sizeBytes),
        blkSize: c.device.blockSize,
      })),
    })),
    statNvmeController: unary((r) => {
      const controller = controllers.list().find((c) => c.name === r.name);
      if (!controller) throw notFound(`no NVMe controller ${r.name}`);
      const { numReadOps, numWriteOps, bytesRead, bytesWritten, numUnmapOps, bytesUnmapped } = controller.stats.toWire(
        '',
        '',
      );
      return { stats: { numReadOps, numWriteOps, bytesRead, bytesWritten, numUnmapOps, bytesUnmapped } };
    }),
  };
}

const blockDevice = (disk: Disk, index: number): BlockDevice =>
  BlockDevice.fromPartial({
    devname: disk.path,
    devtype: 'disk',
    devmajor: 7,
    devminor: index,
    model: 'embedded disk',
    devpath: `/devices/virtual/block/embedded${index}`,
    devlinks: [],
    size: BigInt(Math.floor(disk.sizeBytes / BLOCK_SIZE)),
    available: disk.sizeBytes > 0,
  });
