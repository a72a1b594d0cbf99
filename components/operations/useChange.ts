'use client';
import { useMutation } from '@tanstack/react-query';
import { topicUrl } from '@/contract/keys';
import type { Operation } from '@/contract/operation';
import type { Problem } from '@/contract/problem';
import { ApiError, change } from '../live/api';

export interface Change {
  method: 'POST' | 'PUT' | 'DELETE';
  /** Path below the cluster. */
  path: string;
  body?: Record<string, unknown>;
  ifMatch?: string;
  idempotencyKey?: string;
}

/** A random UUID, so that a repeated request is known as the same one; `crypto.randomUUID` needs a secure context, this does not. */
export function newKey(): string {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  // Version 4, variant 10: the server refuses what is no UUID.
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}

/** Asks for a change and gives the operation to follow, or the problem. Nothing is sent twice by itself. */
export function useChange(cluster: string): {
  run: (c: Change) => void;
  isSending: boolean;
  operation: Operation | undefined;
  problem: Problem | undefined;
  reset: () => void;
} {
  const mutation = useMutation({
    mutationFn: (c: Change) =>
      change<Operation>(c.method, topicUrl(cluster, c.path), c.body, {
        ifMatch: c.ifMatch,
        idempotencyKey: c.idempotencyKey,
      }),
    retry: false,
  });
  return {
    run: (c) => mutation.mutate(c),
    isSending: mutation.isPending,
    operation: mutation.data,
    problem: mutation.error instanceof ApiError ? mutation.error.problem : undefined,
    reset: mutation.reset,
  };
}
