import type { Browser } from '@playwright/test';
import type { Console, FleetPeer } from './programs';
import type { Figure } from './table';

/** What a measurement works with: a console over a fleet of `volumes`. */
export interface Bench {
  browser: Browser;
  fleet: FleetPeer;
  console: Console;
  nodes: number;
  volumes: number;
  runs: number;
  /** Address of a page of the cluster: `/volumes`. */
  page(path: string): string;
  /** Shows progress, not results. */
  say(text: string): void;
}

export type Measurement = (bench: Bench) => Promise<Figure[]>;

export const count = (n: number) => n.toLocaleString('en');
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
