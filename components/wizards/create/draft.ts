import type { z } from 'zod';
import { formatBytes, parseSize } from '@/contract/size';
import { CreateVolume } from '@/contract/volume';

/** The form of the wizard as people fill it in: texts, checked only when they are read. */
export interface Draft {
  name: string;
  id: string;
  size: string;
  thin: boolean;
  labels: string;
  replicas: string;
  selfHeal: boolean;
  affinityGroup: string;
  nodeInclusion: string;
  nodeSpread: string;
  allowedNodes: string[];
  poolInclusion: string;
  maxSnapshots: string;
  publish: boolean;
  publishNode: string;
}

export const EMPTY: Draft = {
  name: '',
  id: '',
  size: '10GiB',
  thin: true,
  labels: '',
  replicas: '3',
  selfHeal: true,
  affinityGroup: '',
  nodeInclusion: '',
  nodeSpread: '',
  allowedNodes: [],
  poolInclusion: '',
  maxSnapshots: '',
  publish: true,
  publishNode: '',
};

/** Errors by the field of the form they belong to. */
export type FieldErrors = Partial<Record<keyof Draft, string>>;

export type ReadDraft = { ok: true; volume: CreateVolume } | { ok: false; errors: FieldErrors };

/** Field of the form for a path of the request. */
const FIELD_OF: Record<string, keyof Draft> = {
  name: 'name',
  id: 'id',
  sizeBytes: 'size',
  thin: 'thin',
  labels: 'labels',
  replicas: 'replicas',
  selfHeal: 'selfHeal',
  affinityGroup: 'affinityGroup',
  nodeInclusion: 'nodeInclusion',
  nodeSpread: 'nodeSpread',
  allowedNodes: 'allowedNodes',
  poolInclusion: 'poolInclusion',
  maxSnapshots: 'maxSnapshots',
  publish: 'publishNode',
};

/** Errors of the server, by path, as errors of the form. A path that the form does not have goes to the name. */
export function fieldErrors(fields: ReadonlyArray<{ path: string; message: string }>): FieldErrors {
  const errors: FieldErrors = {};
  for (const { path, message } of fields) errors[FIELD_OF[path.split('.')[0] ?? ''] ?? 'name'] ??= message;
  return errors;
}

type Labels = { ok: true; labels: Record<string, string> } | { ok: false; message: string };

/** Names that JavaScript gives a meaning of its own; the contract refuses them too. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** Labels as lines or commas of `key=value` or `key: value`; a key alone has the empty value. */
export function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  for (const part of text.split(/[\n,]/)) {
    const item = part.trim();
    if (item === '') continue;
    const cut = item.search(/[=:]/);
    const key = (cut < 0 ? item : item.slice(0, cut)).trim();
    const value = cut < 0 ? '' : item.slice(cut + 1).trim();
    if (key === '') return { ok: false, message: `“${item}” has no key; write key=value.` };
    if (Object.hasOwn(labels, key)) return { ok: false, message: `${key} is there twice.` };
    if (RESERVED.has(key)) return { ok: false, message: `${key} is a reserved name.` };
    labels[key] = value;
  }
  return { ok: true, labels };
}

const words = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((w) => w.trim())
    .filter(Boolean);

const wholeNumber = (text: string): number | string => (/^\d{1,10}$/.test(text.trim()) ? Number(text.trim()) : text);

/** The request of a form, or what is wrong with which field. */
export function readDraft(draft: Draft): ReadDraft {
  const errors: FieldErrors = {};
  const size = parseSize(draft.size);
  if (!size.ok) errors.size = size.message;
  const labelsOf = (field: 'labels' | 'nodeInclusion' | 'poolInclusion') => {
    const parsed = parseLabels(draft[field]);
    if (parsed.ok) return parsed.labels;
    errors[field] = parsed.message;
    return {};
  };
  const optional = (text: string) => (text.trim() === '' ? undefined : text.trim());
  const request = {
    id: optional(draft.id)?.toLowerCase(),
    name: optional(draft.name),
    sizeBytes: size.ok ? String(size.bytes) : '1073741824',
    thin: draft.thin,
    replicas: wholeNumber(draft.replicas),
    labels: labelsOf('labels'),
    selfHeal: draft.selfHeal,
    affinityGroup: optional(draft.affinityGroup),
    maxSnapshots: draft.maxSnapshots.trim() === '' ? undefined : wholeNumber(draft.maxSnapshots),
    nodeInclusion: labelsOf('nodeInclusion'),
    nodeSpread: words(draft.nodeSpread),
    allowedNodes: draft.allowedNodes,
    poolInclusion: labelsOf('poolInclusion'),
    publish: draft.publish ? (draft.publishNode ? { node: draft.publishNode } : {}) : undefined,
  };
  const parsed = CreateVolume.safeParse(request);
  if (!parsed.success) Object.assign(errors, { ...issuesOf(parsed.error), ...errors });
  if (draft.allowedNodes.length > 0 && (draft.nodeInclusion.trim() || draft.nodeSpread.trim()))
    errors.allowedNodes ??= 'Named nodes and node labels exclude each other: use one of them.';
  if (Object.keys(errors).length > 0 || !parsed.success) return { ok: false, errors };
  return { ok: true, volume: parsed.data };
}

function issuesOf(error: z.ZodError): FieldErrors {
  const at = (path: PropertyKey[], message: string) => {
    const key = path.slice(1).map(String).join('.');
    return key && path[0] !== 'publish' ? `${key}: ${message}` : message;
  };
  return fieldErrors(
    error.issues.map((i) => ({ path: String(i.path[0] ?? ''), message: sentence(at(i.path, wordsOf(i))) })),
  );
}

/** zod speaks of types; people typed a number or did not. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'number') return 'write a whole number';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'not a valid key';
  return issue.message;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Size in words beside the field, so that 10 is seen to be 10 GiB before it is sent. */
export function sizeWords(text: string): string | undefined {
  const size = parseSize(text);
  return size.ok ? `${formatBytes(size.bytes, 3)}, ${size.bytes.toLocaleString('en')} bytes` : undefined;
}

/** Fields that differ from an empty form, for the address. */
export function draftToQuery(draft: Draft): URLSearchParams {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(draft)) {
    const empty = EMPTY[key as keyof Draft]; // Object.entries forgets the keys' type
    if (String(value) !== String(empty)) out.set(key, Array.isArray(value) ? value.join(',') : String(value));
  }
  return out;
}

const LONGEST = 2000;

/** A form from the address; what is absurd there is left at its default, and the form says what is wrong with the rest. */
export function draftFromQuery(query: URLSearchParams): Draft {
  const draft: Draft = { ...EMPTY };
  const text = (key: keyof Draft) => query.get(key)?.slice(0, LONGEST);
  draft.name = text('name') ?? EMPTY.name;
  draft.id = text('id') ?? EMPTY.id;
  draft.size = text('size') ?? EMPTY.size;
  draft.labels = text('labels') ?? EMPTY.labels;
  draft.replicas = text('replicas') ?? EMPTY.replicas;
  draft.affinityGroup = text('affinityGroup') ?? EMPTY.affinityGroup;
  draft.nodeInclusion = text('nodeInclusion') ?? EMPTY.nodeInclusion;
  draft.nodeSpread = text('nodeSpread') ?? EMPTY.nodeSpread;
  draft.poolInclusion = text('poolInclusion') ?? EMPTY.poolInclusion;
  draft.maxSnapshots = text('maxSnapshots') ?? EMPTY.maxSnapshots;
  draft.publishNode = text('publishNode') ?? EMPTY.publishNode;
  draft.allowedNodes = words(text('allowedNodes') ?? '');
  draft.thin = text('thin') !== 'false';
  draft.selfHeal = text('selfHeal') !== 'false';
  draft.publish = text('publish') !== 'false';
  return draft;
}
