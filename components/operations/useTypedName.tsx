'use client';
import { type ReactNode, useState } from 'react';
import { TextField } from '../ui/Field';

/** A name typed in full, before something that hurts. */
export function useTypedName(name: string): { typed: string; refusal: string | undefined; field: ReactNode } {
  const [typed, setTyped] = useState('');
  return {
    typed,
    refusal: typed === name ? undefined : 'Type the name to go on.',
    field: (
      <TextField
        label={
          <>
            Type <span className="font-semibold">{name}</span> to confirm
          </>
        }
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
      />
    ),
  };
}
