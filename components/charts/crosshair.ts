'use client';
import { useSyncExternalStore } from 'react';

/** The moment under the pointer, shared by all charts of a page. Outside React's state, so that no chart is drawn anew. */
export class Crosshair {
  private readonly listeners = new Set<() => void>();
  at: number | undefined;

  set(at: number | undefined): void {
    if (at === this.at) return;
    this.at = at;
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

export const useCrosshair = (crosshair: Crosshair): number | undefined =>
  useSyncExternalStore(
    crosshair.subscribe,
    () => crosshair.at,
    () => undefined,
  );
