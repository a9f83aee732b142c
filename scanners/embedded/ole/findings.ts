import type { Severity } from '../../../domain/words';

interface FindingWords {
  severity: Severity;
  what: string;
}

/** Every rule that the structure of a compound file may meet, with the sentence that people read. */
export const OLE_FINDINGS = {
  Vba_Macros_Present: { severity: 'info', what: 'The document contains macros.' },
  Vba_Macro_Runs_By_Itself: {
    severity: 'low',
    what: 'A macro runs without being asked, when the document is opened or closed; nothing dangerous was seen in it.',
  },
  Vba_Macro_Starts_Programs: {
    severity: 'medium',
    what: 'A macro downloads files or starts programs when a reader sets it off.',
  },
  Vba_Macro_Runs_On_Open_And_Starts_Programs: {
    severity: 'high',
    what: 'A macro that runs by itself starts programs, loads files from the network or calls into Windows.',
  },
  Vba_Macro_Runs_On_Open_Obfuscated: {
    severity: 'high',
    what: 'A macro that runs by itself builds its commands out of scrambled text, so that they cannot be read.',
  },
  Vba_Macro_Infects_Documents: {
    severity: 'high',
    what: 'A macro copies itself into other documents or templates, as macro viruses do.',
  },
  Vba_Source_Missing: {
    severity: 'medium',
    what: 'The document contains compiled macros whose source text was removed or does not match them.',
  },
  Vba_Source_Missing_And_Runs_On_Open: {
    severity: 'high',
    what: 'Compiled macros that run by themselves and start programs were hidden by removing their source text.',
  },
  Xlm_Macro_Sheet: { severity: 'low', what: 'The workbook contains an Excel 4 macro sheet.' },
  Xlm_Hidden_Macro_Sheet: { severity: 'medium', what: 'The workbook contains an Excel 4 macro sheet that is hidden.' },
  Xlm_Starts_Programs: {
    severity: 'medium',
    what: 'An Excel 4 macro starts programs or calls into Windows when it is set off.',
  },
  Xlm_Hidden_And_Starts_Programs: {
    severity: 'high',
    what: 'An Excel 4 macro on a hidden sheet starts programs or calls into Windows.',
  },
  Xlm_Runs_On_Open_And_Starts_Programs: {
    severity: 'high',
    what: 'An Excel 4 macro runs when the workbook is opened and starts programs, calls into Windows or writes its own commands.',
  },
  Excel_Dde_Link: { severity: 'medium', what: 'The workbook asks another program for data through DDE.' },
  Excel_Dde_Command: { severity: 'high', what: 'The workbook starts a command through DDE.' },
  Word_Dde_Field: { severity: 'medium', what: 'A field of the document asks another program for data through DDE.' },
  Word_Dde_Command: { severity: 'high', what: 'A field of the document starts a command through DDE.' },
  Word_Remote_Template: {
    severity: 'high',
    what: 'The document loads its template from the internet when it is opened.',
  },
  Ppt_Action_Starts_Program: { severity: 'medium', what: 'An action of the presentation starts a program.' },
  Ppt_Hover_Starts_Program: {
    severity: 'high',
    what: 'The presentation starts a program when the mouse moves over a part of it.',
  },
  Ole_Embedded_Program: { severity: 'high', what: 'A program or script is embedded as an object to be clicked.' },
  Ole_Package_Starts_Command: {
    severity: 'high',
    what: 'An embedded object runs a command line on this computer when it is clicked.',
  },
  Ole_Embedded_File: { severity: 'info', what: 'A file is embedded as an object.' },
  Ole_Linked_To_Web: {
    severity: 'high',
    what: 'An object is linked to an address on the internet and is loaded from there.',
  },
  Ole_Linked_To_Share: { severity: 'low', what: 'An object is linked to a file on a network share.' },
  Ole_Dangerous_Class: {
    severity: 'high',
    what: 'An embedded object belongs to a class that is used to run scripts or commands.',
  },
  Ole_Risky_Control: {
    severity: 'medium',
    what: 'An embedded control belongs to a class that is known from attacks and rare in documents.',
  },
  Ole_Equation_Object: {
    severity: 'medium',
    what: 'The document contains an object of the old equation editor that does not read like an equation.',
  },
  Ole_Equation_Plain: { severity: 'low', what: 'The document contains an equation of the old equation editor.' },
  Ole_Equation_Exploit: {
    severity: 'high',
    what: 'An equation object is built to break the old equation editor (CVE-2017-11882 and its like).',
  },
  Ole_Data_Behind_The_End: { severity: 'info', what: 'Data was put behind the end of the compound file.' },
  Ole_Default_Password: {
    severity: 'low',
    what: 'The document is encrypted with the password that Office tries by itself, so that it opens without a question.',
  },
  Msi_Installer: { severity: 'low', what: 'The file is a Windows Installer package: opening it installs a program.' },
  Msg_Reminder_Loads_From_Network: {
    severity: 'high',
    what: 'The reminder of the message plays a sound from a network share, which sends the Windows password hash there (CVE-2023-23397).',
  },
  Msg_Attachment_By_Reference: {
    severity: 'low',
    what: 'An attachment of the message is only a reference to a file elsewhere.',
  },
  Hwp_Script: { severity: 'low', what: 'The Hangul document contains a script.' },
} as const satisfies Record<string, FindingWords>;

export type OleRule = keyof typeof OLE_FINDINGS;
