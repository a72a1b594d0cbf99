/**
 * How block devices of other nodes are reached: the place of NVMe-oF. A replica shared on one io-engine is opened by a
 * nexus on another, and a nexus by the applications, through the URI that the wire carries.
 */
export interface RemoteDevice {
  readonly sizeBytes: number;
  readonly blockSize: number;
  /** Reads `length` bytes at `offset`; both multiples of the block size. Rejects with a FabricError. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Resolves when the far side has acknowledged. */
  write(offset: number, data: Buffer): Promise<void>;
  unmap(offset: number, length: number): Promise<void>;
  /** Calls back once when the far side is gone. */
  onLost(listener: (error: FabricError) => void): void;
  close(): Promise<void>;
}

export type FabricErrorCode = 'io-error' | 'no-space' | 'timed-out' | 'connection-lost' | 'not-found' | 'not-allowed' | 'busy' | 'out-of-range';

export class FabricError extends Error {
  constructor(
    readonly code: FabricErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'FabricError';
  }
}

/** A device that a node offers under an NQN. */
export interface ExportedDevice {
  readonly nqn: string;
  readonly sizeBytes: number;
  readonly blockSize: number;
  read(offset: number, length: number): Promise<Buffer>;
  write(offset: number, data: Buffer): Promise<void>;
  unmap(offset: number, length: number): Promise<void>;
  /** Host NQNs that may connect; empty: any. */
  readonly allowedHosts: readonly string[];
}

export interface Fabric {
  /** Starts serving devices at `address` (host:port of the node's NVMe-oF listener). */
  listen(address: string, lookup: (nqn: string) => ExportedDevice | undefined): Promise<FabricListener>;
  /** Opens an `nvmf://host:port/nqn?...` URI as the host `hostNqn`. */
  connect(uri: string, hostNqn: string): Promise<RemoteDevice>;
}

export interface FabricListener {
  readonly address: string;
  /** As after kill -9: every connection is lost at once, nothing is answered. */
  kill(): void;
  /** Accepts and never answers while true. */
  hang(on: boolean): void;
  close(): Promise<void>;
}
