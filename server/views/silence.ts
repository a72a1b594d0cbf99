import type { ClusterSnapshot } from '../model/snapshot';
import { clock, engineSource } from './facts';

/** A node of which nothing can be told now, and why, as the end of a sentence. */
export interface Silence {
  node: string;
  since: string | null;
  /** "node io-2 does not answer since 12:03:09 UTC": begins with a word, so that a capital there never changes the name. */
  sentence: string;
}

/**
 * Whether a node is silent: agent-core has lost it, or its io-engine answered the console before and no longer does.
 * An io-engine that the console never reached (no route from here) is not silence: agent-core speaks for it.
 */
export function silenceOf(s: ClusterSnapshot, node: string): Silence | undefined {
  const model = s.nodes?.items.get(node);
  const engine = engineSource(s, node);
  const engineAnswers = engine?.status === 'ok';
  const engineWentQuiet = engine?.status === 'failing' && engine.lastOkAt !== null;
  if (engineWentQuiet) {
    const since = engine.lastOkAt ?? engine.since;
    return { node, since, sentence: `node ${node} does not answer since ${clock(since)}` };
  }
  if (engineAnswers || (model?.status === 'online' && engine?.status !== 'failing')) return undefined;
  if (model?.status === 'online') return undefined;
  const since = s.since.get(`node:${node}`)?.since;
  const iso = since === undefined ? null : new Date(since).toISOString();
  if (!model) return { node, since: null, sentence: `node ${node} is not known to the control plane` };
  return { node, since: iso, sentence: iso ? `node ${node} is away since ${clock(iso)}` : `node ${node} is away` };
}
