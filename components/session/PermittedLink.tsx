'use client';
import type { ComponentProps } from 'react';
import type { Permission } from '@/contract/permission';
import { Button, LinkButton } from '../ui/Button';
import { useRefusal } from './usePermissions';

/** The way to something that takes a permission; without it, a button that says why not. */
export function PermittedLink({
  cluster,
  permission,
  ...link
}: ComponentProps<typeof LinkButton> & { cluster: string; permission: Permission }) {
  const refusal = useRefusal(cluster, permission);
  if (refusal === undefined) return <LinkButton {...link} />;
  return (
    <Button kind={link.kind} refusal={refusal}>
      {link.children}
    </Button>
  );
}
