'use client';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { reads, topics } from '@/contract/keys';
import type { Volume } from '@/contract/volume';
import { ApiError, read } from '../../live/api';
import { useTopic } from '../../live/useTopic';
import { useChange } from '../../operations/useChange';
import { useTypedName } from '../../operations/useTypedName';
import { usePermissions } from '../../session/usePermissions';
import { Button, LinkButton } from '../../ui/Button';
import { Card, Skeleton } from '../../ui/Card';
import { Missing } from '../../ui/Missing';
import { ErrorPanel } from '../../ui/states';
import { Breadcrumb } from '../../ui/TextLink';
import { ReplicaTable } from '../../volumes/page/ReplicaTable';
import { Refusal } from '../Steps';
import { CountFollower } from './CountFollower';
import { PlanView } from './PlanView';

/** Raises or lowers the number of copies: what is there, what would happen, and then its progress. */
export function ReplicaCountWizard({ cluster, id }: { cluster: string; id: string }) {
  const { data, problem, retry } = useTopic(cluster, topics.volume(id));
  const back = { href: `/c/${cluster}/volumes/${encodeURIComponent(id)}`, text: 'Back to the volume' };
  if (!data) return <Missing title="Change replica count" problem={problem} onRetry={retry} back={back} />;
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-4">
      <Breadcrumb
        parts={[
          { href: `/c/${cluster}/volumes`, text: 'Volumes' },
          { href: back.href, text: data.row.name },
        ]}
        here="Replica count"
      />
      <h1>Change the replica count of {data.row.name}</h1>
      <ReplicaTable cluster={cluster} volume={data} title="Copies now" />
      <Change cluster={cluster} volume={data} back={back} />
    </div>
  );
}

/**
 * The wanted count, kept in the address as `to`; without it, one more. It is state of its own because the address follows
 * later than the next click may come.
 */
function useWanted(now: number): [number, (to: number) => void] {
  const asked = useSearchParams().get('to') ?? '';
  const [chosen, setChosen] = useState(/^\d{1,3}$/.test(asked) ? Math.min(255, Number(asked)) : undefined);
  const choose = (to: number) => {
    setChosen(to);
    window.history.replaceState(null, '', `?to=${to}`);
  };
  return [chosen ?? now + 1, choose];
}

function Change({ cluster, volume, back }: { cluster: string; volume: Volume; back: { href: string; text: string } }) {
  const operationId = useSearchParams().get('operation');
  const [to, setTo] = useWanted(volume.row.replicas.wanted);
  const { run, isSending, operation, problem } = useChange(cluster);
  const isReduction = to < volume.row.replicas.wanted;
  const name = useTypedName(volume.row.name);
  const mayNot = usePermissions(cluster)?.refused[isReduction ? 'volumes:reduce' : 'volumes:scale'];
  const plan = useQuery({
    // A changed volume has another plan, and so another key.
    queryKey: ['replica-count', cluster, volume.row.id, to, volume.etag, volume.row.replicas.healthy],
    queryFn: ({ signal }) => read(cluster, reads.replicaCount(volume.row.id, to), signal),
    refetchInterval: 5_000,
  });
  const following = operation?.id ?? operationId;
  if (following) return <CountFollower cluster={cluster} operationId={following} volume={volume} back={back} />;
  const refusal = isSending
    ? 'it is being sent'
    : plan.data === undefined
      ? 'the consequences are not known yet'
      : !plan.data.allowed.allowed
        ? plan.data.allowed.reason
        : (mayNot ?? (isReduction ? name.refusal : undefined));
  const send = () => {
    if (plan.data)
      run({
        method: 'PUT',
        path: `volumes/${volume.row.id}/replica-count`,
        body: isReduction ? { to, confirm: name.typed, consequence: plan.data.consequence } : { to },
        ifMatch: plan.data.etag,
      });
  };
  return (
    <>
      <Card title="Wanted">
        <Counter value={to} now={volume.row.replicas.wanted} onChange={setTo} />
      </Card>
      <Card title="What would happen">
        {plan.error instanceof ApiError && <ErrorPanel problem={plan.error.problem} />}
        {!plan.data && !plan.error && <Skeleton lines={4} label="Working out the consequences" />}
        {plan.data && <PlanView volumeId={volume.row.id} plan={plan.data} />}
      </Card>
      {isReduction && plan.data?.allowed.allowed && <Card title="Confirm">{name.field}</Card>}
      {problem && <ErrorPanel problem={problem} />}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {refusal && <Refusal reason={refusal} />}
        <LinkButton href={back.href}>Cancel</LinkButton>
        <Button kind={isReduction ? 'danger' : 'primary'} refusal={refusal} onClick={send}>
          {isReduction ? `Lower to ${to}` : `Raise to ${to}`}
        </Button>
      </div>
    </>
  );
}

function Counter({ value, now, onChange }: { value: number; now: number; onChange: (to: number) => void }) {
  return (
    <div className="refusals-left flex flex-wrap items-center gap-3">
      <Button
        aria-label="One copy less"
        refusal={value <= 1 ? 'a volume has at least one copy' : undefined}
        onClick={() => onChange(value - 1)}
      >
        −
      </Button>
      <output aria-label="Wanted copies" className="tabular min-w-8 text-center text-[1.4rem] font-semibold">
        {value}
      </output>
      <Button
        aria-label="One copy more"
        refusal={value >= 255 ? 'the protocol counts to 255' : undefined}
        onClick={() => onChange(value + 1)}
      >
        +
      </Button>
      <span className="text-ink-2">now {now}</span>
    </div>
  );
}
