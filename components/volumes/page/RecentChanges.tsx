'use client';
import { topics } from '@/contract/keys';
import { useTopic } from '../../live/useTopic';
import { OperationView } from '../../operations/OperationFollower';
import { Card } from '../../ui/Card';
import { Moment } from '../../ui/values';

const SHOWN = 5;

/** Changes of this volume that this console made, so that a closed dialog or a reload loses none. */
export function RecentChanges({ cluster, id }: { cluster: string; id: string }) {
  const { data } = useTopic(cluster, topics.operations());
  const mine = data?.operations.filter((o) => o.volume === id).slice(0, SHOWN) ?? [];
  if (mine.length === 0) return null;
  return (
    <Card title="Recent changes from this console">
      <ul className="flex flex-col gap-3">
        {mine.map((o) => (
          <li key={o.id} className="border-t border-line pt-3 first:border-t-0 first:pt-0">
            {o.state === 'succeeded' ? (
              <p>
                {o.title}: done <Moment at={o.endedAt} />
              </p>
            ) : (
              <OperationView operation={o} />
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
