'use client';
import { useSyncExternalStore } from 'react';
import { pageNow } from './page-clock';

// One ticking clock for every age on the page; it stands still while nobody looks.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = pageNow();
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
  if (timer === undefined || now === 0) now = Math.floor(pageNow() / 1000) * 1000;
  return now;
}

/** Milliseconds since the epoch by the page's clock, new each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, snapshot, () => 0);
