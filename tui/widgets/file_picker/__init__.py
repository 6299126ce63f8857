"""Choose files and folders of this machine by keyboard."""

from tui.widgets.file_picker.picker import FilePicker, FilesPicker, FolderPicker

__all__ = ["FilePicker", "FilesPicker", "FolderPicker"]
