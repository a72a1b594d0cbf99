import type { Overview } from '@/contract/overview';
import { StatusBadge } from '../ui/Badge';
import { EmptyState } from '../ui/Card';
import { CapacityBar } from '../ui/meters';
import { TextLink } from '../ui/TextLink';
import { Iops, Throughput } from '../ui/values';

/** The storage nodes in short. */
export function NodesTable({ cluster, nodes }: { cluster: string; nodes: Overview['nodes'] }) {
  if (nodes.length === 0) return <EmptyState title="No storage nodes are known" />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="overflow-x-auto" aria-label="Nodes, scrollable" tabIndex={0}>
      <table className="w-full text-left" aria-label="Nodes">
        <thead className="text-[0.86rem] text-ink-2">
          <tr>
            {['Node', 'Status', 'Pools', 'Targets', 'IOPS', 'Throughput', 'Capacity'].map((t) => (
              <th key={t} scope="col" className="py-1 pr-4 font-medium">
                {t}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.map((n) => (
            <tr key={n.id} className="border-t border-line align-top">
              <th scope="row" className="py-2 pr-4 font-medium">
                <TextLink href={`/c/${cluster}/nodes/${encodeURIComponent(n.id)}`}>{n.id}</TextLink>
              </th>
              <td className="py-2 pr-4">
                <span className="flex flex-wrap gap-1">
                  <StatusBadge status={n.status} />
                  {n.cordon !== 'none' && <StatusBadge status={n.cordon} />}
                </span>
              </td>
              <td className="py-2 pr-4">{n.pools}</td>
              <td className="py-2 pr-4">{n.targets}</td>
              <td className="py-2 pr-4">
                <Iops rate={n.io} />
              </td>
              <td className="py-2 pr-4 whitespace-nowrap">
                <Throughput rate={n.io} />
              </td>
              <td className="min-w-56 py-2">
                <CapacityBar capacity={n.capacity} label={n.id} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
