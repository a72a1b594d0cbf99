/**
 * How block devices of other nodes are reached: the place of NVMe-oF. A replica shared on one io-engine is opened by a
 * nexus on another, and a nexus by the applications, through the URI that the wire carries.
 */
export interface RemoteDevice {
  /** As it was last known; `identify` asks. */
  readonly sizeBytes: number;
  readonly blockSize: number;
  /** Asks the far side for the size, which a resize changes. Rejects with a FabricError. */
  identify(): Promise<number>;
  /** Reads `length` bytes at `offset`; both multiples of the block size. Rejects with a FabricError. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Resolves when the far side has acknowledged. */
  write(offset: number, data: Buffer): Promise<void>;
  unmap(offset: number, length: number): Promise<void>;
  /** Byte ranges that hold data, as NVMe's LBA status tells; what lies outside reads as zeroes. */
  allocated(): Promise<ByteRange[]>;
  /** Takes a snapshot of the device: Mayastor's vendor command. Rejects where the device cannot. */
  snapshot(request: SnapshotRequest): Promise<void>;
  /** Calls back once when the far side is gone. */
  onLost(listener: (error: FabricError) => void): void;
  /**
   * Whatever was in flight rejects, and takes no effect after this. Where the far side does not confirm that in time, it
   * holds from the next connection of this host on, which ends the old one first.
   */
  close(): Promise<void>;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a nexus asks of the replica behind a child. */
export interface SnapshotRequest {
  readonly uuid: string;
  readonly name: string;
  readonly entityId: string;
  readonly txnId: string;
  readonly timestampMs: number;
}

export type FabricErrorCode =
  | 'io-error'
  | 'no-space'
  | 'timed-out'
  | 'connection-lost'
  | 'not-found'
  | 'not-allowed'
  | 'reservation-conflict'
  | 'busy'
  | 'out-of-range';

export class FabricError extends Error {
  constructor(
    readonly code: FabricErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'FabricError';
  }
}

/** A device that a node offers under an NQN. `signal` is the connection's: once aborted, the I/O must not take effect. */
export interface ExportedDevice {
  readonly nqn: string;
  readonly sizeBytes: number;
  readonly blockSize: number;
  read(offset: number, length: number, signal?: AbortSignal): Promise<Buffer>;
  write(offset: number, data: Buffer, signal?: AbortSignal): Promise<void>;
  unmap(offset: number, length: number, signal?: AbortSignal): Promise<void>;
  allocated?(): Promise<ByteRange[]>;
  snapshot?(request: SnapshotRequest): Promise<void>;
  /** Host NQNs that may connect; empty: any. */
  readonly allowedHosts: readonly string[];
}

export interface ConnectOptions {
  /** Takes the device for itself: whoever connected before with another key is fenced off (NVMe reservations). */
  readonly reservationKey?: bigint;
}

export interface Fabric {
  /** Starts serving devices at `address` (host:port of the node's NVMe-oF listener). */
  listen(address: string, lookup: (nqn: string) => ExportedDevice | undefined): Promise<FabricListener>;
  /** Opens an `nvmf://host:port/nqn?...` URI as the host `hostNqn`. */
  connect(uri: string, hostNqn: string, options?: ConnectOptions): Promise<RemoteDevice>;
}

export interface FabricListener {
  readonly address: string;
  /** As after kill -9: every connection is lost at once, nothing is answered. */
  kill(): void;
  /** Accepts and never answers while true. */
  hang(on: boolean): void;
  close(): Promise<void>;
}
