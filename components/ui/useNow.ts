'use client';
import { useSyncExternalStore } from 'react';
import { pageNow } from './page-clock';

// One ticking clock for every age on the page; it stands still while nobody looks.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function tick(): void {
  now = pageNow();
  for (const l of listeners) l();
}

function follow(): void {
  clearInterval(timer);
  timer = document.hidden ? undefined : setInterval(tick, 1000);
  if (!document.hidden) tick();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    document.addEventListener('visibilitychange', follow);
    if (!document.hidden) timer = setInterval(tick, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    document.removeEventListener('visibilitychange', follow);
    clearInterval(timer);
    timer = undefined;
  };
}

function snapshot(): number {
  if (timer === undefined || now === 0) now = Math.floor(pageNow() / 1000) * 1000;
  return now;
}

/** Words that depend on the time: what shows them is made anew when they change, not each second. */
export const useTimedText = (textAt: (now: number) => string): string =>
  useSyncExternalStore(
    subscribe,
    () => textAt(snapshot()),
    () => textAt(0),
  );

/** Milliseconds since the epoch by the page's clock, new each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, snapshot, () => 0);
