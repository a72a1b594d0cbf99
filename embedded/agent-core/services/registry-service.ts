import type { RegistryGrpcServer } from '@/gen/v1/registry/registry';
import type { Core } from '../core';
import { nexusesUsing } from '../operations/replicas';
import { toNexus, toNexusSpec } from '../wire/nexus';
import { toPoolDefinition, toPoolState } from '../wire/pool';
import { toReplica, toReplicaSpec } from '../wire/replica';
import { toVolumeDefinition } from '../wire/volume';
import { answer, replyError } from './handler';

/** Dumps of everything: desired, and as last seen. */
export function registryService(core: Core): RegistryGrpcServer {
  const { specs, registry } = core;
  return {
    getSpecs: answer(
      () => ({
        reply: {
          $case: 'specs' as const,
          value: {
            volumes: specs.volumes.values().map((volume) => toVolumeDefinition(core, volume)),
            pools: specs.pools.values().map(toPoolDefinition),
            nexuses: specs.nexuses.values().map(toNexusSpec),
            replicas: specs.replicas.values().map((replica) =>
              toReplicaSpec(
                replica,
                nexusesUsing(core, replica).map((nexus) => nexus.uuid),
              ),
            ),
            affinityGroups: specs
              .groups()
              .map((id) => ({ id, volumes: specs.groupMembers(id).map((volume) => volume.uuid) })),
          },
        },
      }),
      replyError,
    ),
    getStates: answer(
      () => ({
        reply: {
          $case: 'states' as const,
          value: {
            pools: registry.nodes.flatMap((node) => [...node.pools.values()].map((pool) => toPoolState(node, pool))),
            nexuses: registry.nodes.flatMap((node) => [...node.nexuses.values()].map((n) => toNexus(node.id, n))),
            replicas: registry.nodes.flatMap((node) => [...node.replicas.values()].map((r) => toReplica(node.id, r))),
          },
        },
      }),
      replyError,
    ),
  };
}
