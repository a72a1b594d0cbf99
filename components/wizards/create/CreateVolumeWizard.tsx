'use client';
import { useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { newKey, useChange } from '../../operations/useChange';
import { useRefusal } from '../../session/usePermissions';
import { Button, LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ErrorPanel } from '../../ui/states';
import { Breadcrumb } from '../../ui/TextLink';
import { Refusal, Steps } from '../Steps';
import { CopiesStep } from './CopiesStep';
import { CreationFollower } from './CreationFollower';
import { type Draft, draftFromQuery, draftToQuery, EMPTY, type FieldErrors, fieldErrors, readDraft } from './draft';
import { ReviewStep } from './ReviewStep';
import type { StepProps } from './step';
import { usePlan } from './usePlan';
import { VolumeStep } from './VolumeStep';

const STEPS = ['Volume', 'Copies', 'Review'] as const;
/** Fields of each step; an error of a later step does not hold up an earlier one. */
const FIELDS: ReadonlyArray<ReadonlyArray<keyof Draft>> = [
  ['name', 'id', 'size', 'thin', 'labels', 'maxSnapshots'],
  ['replicas', 'selfHeal', 'affinityGroup', 'nodeInclusion', 'nodeSpread', 'allowedNodes', 'poolInclusion'],
  ['publish', 'publishNode'],
];

/** The address carries the form, so that it survives a reload and can be handed on. */
function remember(draft: Draft, step: number, key: string, how: 'pushState' | 'replaceState'): void {
  const query = draftToQuery(draft);
  if (step > 0) query.set('step', String(step + 1));
  query.set('key', key);
  window.history[how](null, '', `?${query}`);
}

/** Makes a volume: what, where its copies go, and a look at all of it before anything is done. */
export function CreateVolumeWizard({ cluster }: { cluster: string }) {
  const params = useSearchParams();
  const operationId = params.get('operation');
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-4">
      <Breadcrumb parts={[{ href: `/c/${cluster}/volumes`, text: 'Volumes' }]} here="Create" />
      <h1>Create volume</h1>
      {operationId ? (
        <CreationFollower cluster={cluster} operationId={operationId} />
      ) : (
        <Form cluster={cluster} params={params} />
      )}
    </div>
  );
}

function Form({ cluster, params }: { cluster: string; params: URLSearchParams }) {
  const [draft, setDraft] = useState<Draft>(() => draftFromQuery(params));
  const [shownErrors, showErrors] = useState(false);
  const [key] = useState(() => keyOf(params));
  const { run, isSending, operation, problem } = useChange(cluster);
  const mayNot = useRefusal(cluster, 'volumes:create');
  const read = readDraft(draft);
  const plan = usePlan(cluster, read.ok ? read.volume : undefined);
  const errors: FieldErrors = {
    ...fieldErrors(problem?.fields ?? []),
    // Of an older form, these may be mended already.
    ...fieldErrors((!plan.isOld && plan.data?.fields) || []),
    ...(read.ok ? {} : read.errors),
  };
  const asked = Math.min(STEPS.length, Math.max(1, Number(params.get('step')) || 1)) - 1;
  const firstWrong = FIELDS.findIndex((fields) => fields.some((f) => errors[f] !== undefined));
  const step = firstWrong >= 0 ? Math.min(asked, firstWrong) : asked;
  if (operation) return <CreationFollower cluster={cluster} operationId={operation.id} />;

  const set = (change: Partial<Draft>) => {
    const next = { ...draft, ...change };
    setDraft(next);
    remember(next, step, key, 'replaceState');
  };
  const go = (to: number) => {
    showErrors(false);
    remember(draft, to, key, 'pushState');
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (FIELDS[step]?.some((f) => errors[f] !== undefined)) {
      showErrors(true);
      return;
    }
    if (step < STEPS.length - 1) go(step + 1);
    else if (read.ok && refusal === undefined)
      run({ method: 'POST', path: 'volumes', body: read.volume, idempotencyKey: key });
  };
  const last = step === STEPS.length - 1;
  const refusal = isSending
    ? 'it is being sent'
    : last && (plan.data === undefined || plan.isOld)
      ? 'the placement is not known yet'
      : last && mayNot !== undefined
        ? mayNot
        : last && plan.data?.shortfall
          ? plan.data.shortfall
          : undefined;
  // What is typed is judged at once where it is more than a beginning; an untouched field is not scolded.
  const lack = plan.isOld ? undefined : plan.data?.shortfallField;
  // What the cluster lacks now is said at the field, too, and holds nobody up: the reasons stand in the next step.
  const shown: FieldErrors = {
    ...fieldErrors(lack ? [lack] : []),
    ...(shownErrors ? errors : touched(draft, errors)),
  };
  const props: StepProps = { cluster, draft, errors: shown, set };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Steps names={STEPS} current={step} />
      <Card title={STEPS[step] ?? ''}>
        {step === 0 && <VolumeStep {...props} />}
        {step === 1 && <CopiesStep {...props} plan={plan} />}
        {step === 2 && <ReviewStep {...props} plan={plan} volume={read.ok ? read.volume : undefined} />}
      </Card>
      {problem && <ErrorPanel problem={problem} />}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {last && refusal && <Refusal reason={refusal} />}
        <LinkButton href={`/c/${cluster}/volumes`}>Cancel</LinkButton>
        {step > 0 && <Button onClick={() => go(step - 1)}>Back</Button>}
        <Button type="submit" kind="primary" refusal={last ? refusal : undefined}>
          {last ? (isSending ? 'Sending…' : 'Create volume') : 'Next'}
        </Button>
      </div>
    </form>
  );
}

/** Errors of the fields that somebody has filled in. */
function touched(draft: Draft, errors: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(errors).filter(([field]) => {
      const f = field as keyof Draft; // Object.entries forgets the keys' type
      return String(draft[f]) !== String(EMPTY[f]);
    }),
  );
}

/** The Idempotency-Key of this form: the same after a reload, so that a repeat is the same volume. */
function keyOf(params: URLSearchParams): string {
  const known = params.get('key') ?? '';
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(known)) return known;
  return newKey();
}
