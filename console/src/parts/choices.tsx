import { Field, Fieldset, Radio } from '@zendeskgarden/react-forms';

interface Props<W extends string> {
  legend: string;
  words: readonly W[];
  texts: Readonly<Record<W, string>>;
  hints?: Readonly<Record<W, string>>;
  chosen: W;
  onChange: (word: W) => void;
}

/** One of a few words. */
export function Choices<W extends string>({ legend, words, texts, hints, chosen, onChange }: Props<W>) {
  return (
    <Fieldset>
      <Fieldset.Legend>{legend}</Fieldset.Legend>
      {words.map((word) => (
        <Field key={word}>
          <Radio name={legend} value={word} checked={chosen === word} onChange={() => onChange(word)}>
            <Field.Label>{texts[word]}</Field.Label>
            {hints && <Field.Hint>{hints[word]}</Field.Hint>}
          </Radio>
        </Field>
      ))}
    </Fieldset>
  );
}
