import type { RemoteDevice } from '@/embedded/fabric/fabric';
import { IoCounters, nowNs } from './io-stats';

export interface NvmeController {
  readonly name: string;
  readonly device: RemoteDevice;
  readonly stats: IoCounters;
}

/** The NVMe-oF controllers of a node: one for each remote replica that a nexus here opened, with what went through it. */
export class NvmeControllers {
  private readonly open = new Set<NvmeController>();

  list(): NvmeController[] {
    return [...this.open];
  }

  /** Counts the I/O of a connection for as long as it lives. */
  attach(name: string, device: RemoteDevice): RemoteDevice {
    const stats = new IoCounters();
    const controller = { name, device, stats };
    this.open.add(controller);
    device.onLost(() => this.open.delete(controller));
    return {
      get sizeBytes() {
        return device.sizeBytes;
      },
      blockSize: device.blockSize,
      identify: () => device.identify(),
      read: async (offset, length) => {
        const startedAt = nowNs();
        const data = await device.read(offset, length);
        stats.count('read', length, startedAt);
        return data;
      },
      write: async (offset, data) => {
        const startedAt = nowNs();
        await device.write(offset, data);
        stats.count('write', data.length, startedAt);
      },
      unmap: async (offset, length) => {
        const startedAt = nowNs();
        await device.unmap(offset, length);
        stats.count('unmap', length, startedAt);
      },
      allocated: () => device.allocated(),
      snapshot: (request) => device.snapshot(request),
      onLost: (listener) => device.onLost(listener),
      close: () => {
        this.open.delete(controller);
        return device.close();
      },
    };
  }
}
