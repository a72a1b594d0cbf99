'use client';
import { useSyncExternalStore } from 'react';

// One ticking clock for every age on the page; it stands still while nobody looks.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const l of listeners) l();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function snapshot(): number {
  if (timer === undefined || now === 0) now = Math.floor(Date.now() / 1000) * 1000;
  return now;
}

/** Milliseconds since the epoch, new each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, snapshot, () => 0);
