'use client';
import { useSyncExternalStore } from 'react';

/** Below Tailwind's `sm`: a phone, where a table of ten columns cannot be read. */
const NARROW = '(max-width: 639.98px)';

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Whether a list should show cards in place of a table. */
export const useIsNarrow = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => window.matchMedia(NARROW).matches,
    () => false,
  );
