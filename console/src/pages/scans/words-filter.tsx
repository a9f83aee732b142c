import chevron from '@zendeskgarden/svg-icons/src/16/chevron-down-stroke.svg?raw';
import { Button } from '@zendeskgarden/react-buttons';
import { Item, ItemGroup, Menu } from '@zendeskgarden/react-dropdowns';
import { Icon } from '../../parts/icon';
import { t } from '../../texts';
import { wordsOf } from './scan-search';

interface Props<W extends string> {
  name: string;
  words: readonly W[];
  texts: Readonly<Record<W, string>>;
  /** Chosen words with commas between them. */
  chosen: string | undefined;
  onChange: (chosen: string) => void;
}

/** A filter by some words of a closed list: a button with a menu of check boxes. */
export function WordsFilter<W extends string>({ name, words, texts, chosen, onChange }: Props<W>) {
  const selected = wordsOf(chosen, words);
  const items = selected.map((value) => ({ value, type: 'checkbox' as const }));
  return (
    <Menu
      button={(props) => (
        <Button {...props}>
          {t.scans.chosen(name, selected.length)}
          <Button.EndIcon>
            <Icon svg={chevron} />
          </Button.EndIcon>
        </Button>
      )}
      maxHeight="360px"
      selectedItems={items}
      onChange={({ selectedItems }) => {
        if (selectedItems) onChange(wordsOf(selectedItems.map((item) => item.value).join(','), words).join(','));
      }}
    >
      <ItemGroup legend={name} type="checkbox">
        {words.map((word) => (
          <Item key={word} value={word} label={texts[word]}>
            {texts[word]}
          </Item>
        ))}
      </ItemGroup>
    </Menu>
  );
}
