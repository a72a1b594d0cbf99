'use client';
import { SIZE_HINT } from '@/contract/size';
import { RadioField, TextField } from '../../ui/Field';
import { sizeWords } from './draft';
import type { StepProps } from './step';

/** What the volume is: its name, its size and how space is taken. */
export function VolumeStep({ draft, errors, set }: StepProps) {
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <TextField
        label="Name"
        hint="Optional. Kept as the label “name”."
        value={draft.name}
        error={errors.name}
        onChange={(e) => set({ name: e.target.value })}
      />
      <TextField
        label="Size"
        hint={sizeWords(draft.size) ?? (errors.size ? undefined : SIZE_HINT)}
        value={draft.size}
        error={errors.size}
        onChange={(e) => set({ size: e.target.value })}
      />
      <RadioField
        legend="Provisioning"
        name="thin"
        value={draft.thin ? 'thin' : 'thick'}
        onChange={(v) => set({ thin: v === 'thin' })}
        options={[
          {
            value: 'thin',
            label: 'Thin',
            hint: 'Takes space when it is written. Pools can be promised more than they have.',
          },
          { value: 'thick', label: 'Thick', hint: 'Takes all its space at once, so that it cannot run out later.' },
        ]}
      />
      <TextField
        label="Labels"
        hint="Optional. key=value, with commas between."
        value={draft.labels}
        error={errors.labels}
        onChange={(e) => set({ labels: e.target.value })}
      />
      <TextField
        label="UUID"
        hint="Optional. One is made when this is empty."
        value={draft.id}
        error={errors.id}
        onChange={(e) => set({ id: e.target.value })}
      />
      <TextField
        label="Snapshot limit"
        hint="Optional. No limit when this is empty."
        inputMode="numeric"
        value={draft.maxSnapshots}
        error={errors.maxSnapshots}
        onChange={(e) => set({ maxSnapshots: e.target.value })}
      />
    </div>
  );
}
