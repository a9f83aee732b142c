import { Field, Input, MediaInput, Textarea } from '@zendeskgarden/react-forms';
import type { ComponentProps, ReactNode } from 'react';

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
export function ProseField({ label, hint, problem, ...input }: Labelled & ComponentProps<typeof Textarea>) {
  return (
    <Around label={label} hint={hint} problem={problem}>
      <Textarea isResizable {...input} {...(problem !== undefined && { validation: 'error' })} />
    </Around>
  );
}
