import { z } from 'zod';
import { Name, SnapshotId, Uuid, VolumeId } from '@/contract/scalars';

// Path segments reach a route handler as they stood in the URL, percent-encoded.
const decoded = <S extends z.ZodType<unknown, string>>(schema: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return decodeURIComponent(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not valid percent-encoded UTF-8' });
        return z.NEVER;
      }
    })
    .pipe(schema);

export const VolumeParams = z.strictObject({ uuid: VolumeId });
export const SnapshotParams = z.strictObject({ id: SnapshotId });
export const OperationParams = z.strictObject({ id: Uuid });
export const PoolParams = z.strictObject({ pool: decoded(Name) });
export const NodeParams = z.strictObject({ node: decoded(Name) });
