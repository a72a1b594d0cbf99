import type { Fabric, RemoteDevice } from './fabric';

/**
 * Opens a published volume as a host would: by the target's URI, whose `hostnqn` parameter names the host when hosts are
 * restricted. Rejects with a FabricError.
 */
export function openTarget(fabric: Fabric, uri: string, hostNqn?: string): Promise<RemoteDevice> {
  const named = /[?&]hostnqn=([^&]+)/.exec(uri)?.[1];
  const host = hostNqn ?? (named ? decodeURIComponent(named) : 'nqn.2014-08.org.nvmexpress:uuid:embedded-host');
  return fabric.connect(uri, host);
}
