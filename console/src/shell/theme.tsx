import {
  ColorSchemeProvider,
  DEFAULT_THEME,
  getColor,
  ThemeProvider,
  useColorScheme,
} from '@zendeskgarden/react-theming';
import type { ReactNode } from 'react';
import { createGlobalStyle } from 'styled-components';

const Ground = createGlobalStyle`
  body {
    background: ${({ theme }) => getColor({ theme, variable: 'background.default' })};
    color: ${({ theme }) => getColor({ theme, variable: 'foreground.default' })};
    font: 14px/20px ${({ theme }) => theme.fonts.system};
  }
  a {
    color: ${({ theme }) => getColor({ theme, variable: 'foreground.primary' })};
  }
  :focus-visible {
    outline: 2px solid ${({ theme }) => getColor({ theme, variable: 'border.primaryEmphasis' })};
    outline-offset: 2px;
  }
  code {
    font-family: ${({ theme }) => theme.fonts.mono};
    overflow-wrap: anywhere;
  }
`;

/** Garden's theme in the reader's appearance: as the system says until the reader chooses. */
export function Appearance({ children }: { children: ReactNode }) {
  return (
    <ColorSchemeProvider initialColorScheme="system" colorSchemeKey="lazaret-appearance">
      <Themed>{children}</Themed>
    </ColorSchemeProvider>
  );
}

function Themed({ children }: { children: ReactNode }) {
  const { colorScheme } = useColorScheme();
  const theme = { ...DEFAULT_THEME, colors: { ...DEFAULT_THEME.colors, base: colorScheme } };
  return (
    <ThemeProvider theme={theme}>
      <Ground />
      {children}
    </ThemeProvider>
  );
}
