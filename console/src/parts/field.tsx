import { Field, Input, MediaInput, Textarea } from '@zendeskgarden/react-forms';
import { forwardRef } from 'react';
import type { ComponentProps, ComponentPropsWithoutRef, ReactNode } from 'react';

interface Labelled {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value; read with the field. */
  problem?: string | undefined;
}

function Around({ label, hint, problem, children }: Labelled & { children: ReactNode }) {
  return (
    <Field>
      <Field.Label>{label}</Field.Label>
      {hint !== undefined && <Field.Hint>{hint}</Field.Hint>}
      {children}
      {problem !== undefined && <Field.Message validation="error">{problem}</Field.Message>}
    </Field>
  );
}

/** One line of text with its label and what is wrong with it. */
export function TextField({ label, hint, problem, ...input }: Labelled & ComponentProps<typeof Input>) {
  return (
    <Around label={label} hint={hint} problem={problem}>
      <Input {...input} {...(problem !== undefined && { validation: 'error' })} />
    </Around>
  );
}

/** One line of text with something fixed before and after it. */
export function MediaField({ label, hint, problem, ...input }: Labelled & ComponentProps<typeof MediaInput>) {
  return (
    <Around label={label} hint={hint} problem={problem}>
      <MediaInput {...input} {...(problem !== undefined && { validation: 'error' })} />
    </Around>
  );
}

/** Several lines of text. */
export const ProseField = forwardRef<HTMLTextAreaElement, Labelled & ComponentPropsWithoutRef<typeof Textarea>>(
  function ProseField({ label, hint, problem, ...input }, ref) {
    return (
      <Around label={label} hint={hint} problem={problem}>
        <Textarea ref={ref} isResizable {...input} {...(problem !== undefined && { validation: 'error' })} />
      </Around>
    );
  },
);
