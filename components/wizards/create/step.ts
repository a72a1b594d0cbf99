import type { Draft, FieldErrors } from './draft';

/** What every step of the wizard gets. */
export interface StepProps {
  cluster: string;
  draft: Draft;
  errors: FieldErrors;
  set: (change: Partial<Draft>) => void;
}
